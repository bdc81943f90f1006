//go:build tinygo

package export

import (
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
)

//export olm_pk_encryption_size
func pkEncryptionSize() uint { return cabi.Size[cabi.PKEncryption]() }

//export olm_pk_encryption
func pkEncryption(memory unsafe.Pointer) unsafe.Pointer { return construct[cabi.PKEncryption](memory) }

//export olm_clear_pk_encryption
func clearPKEncryption(p unsafe.Pointer) uint { return cabi.Clear[cabi.PKEncryption](p) }

//export olm_pk_encryption_last_error
func pkEncryptionLastError(p unsafe.Pointer) *byte {
	return name(cabi.At[cabi.PKEncryption](p).LastErrorCode())
}

//export olm_pk_encryption_last_error_code
func pkEncryptionLastErrorCode(p unsafe.Pointer) uint32 {
	return uint32(cabi.At[cabi.PKEncryption](p).LastErrorCode())
}

//export olm_pk_encryption_set_recipient_key
func pkEncryptionSetRecipientKey(p unsafe.Pointer, publicKey unsafe.Pointer, publicKeyLen uint) uint {
	return cabi.At[cabi.PKEncryption](p).SetRecipientKey(view(publicKey, publicKeyLen))
}

//export olm_pk_ciphertext_length
func pkCiphertextLength(_ unsafe.Pointer, plaintextLen uint) uint {
	return cabi.PKCiphertextLen(plaintextLen)
}

//export olm_pk_mac_length
func pkMacLength(_ unsafe.Pointer) uint { return cabi.PKMACLen }

//export olm_pk_key_length
func pkKeyLength() uint { return cabi.PKKeyLen }

//export olm_pk_encrypt_random_length
func pkEncryptRandomLength(_ unsafe.Pointer) uint { return cabi.PKRandomLen }

//export olm_pk_encrypt
func pkEncrypt(p unsafe.Pointer, plaintext unsafe.Pointer, plaintextLen uint, ciphertext unsafe.Pointer, ciphertextLen uint, mac unsafe.Pointer, macLen uint, ephemeralKey unsafe.Pointer, ephemeralKeyLen uint, random unsafe.Pointer, randomLen uint) uint {
	return cabi.At[cabi.PKEncryption](p).Encrypt(view(plaintext, plaintextLen), view(ciphertext, ciphertextLen), view(mac, macLen), view(ephemeralKey, ephemeralKeyLen), view(random, randomLen))
}

//export olm_pk_decryption_size
func pkDecryptionSize() uint { return cabi.Size[cabi.PKDecryption]() }

//export olm_pk_decryption
func pkDecryption(memory unsafe.Pointer) unsafe.Pointer { return construct[cabi.PKDecryption](memory) }

//export olm_clear_pk_decryption
func clearPKDecryption(p unsafe.Pointer) uint { return cabi.Clear[cabi.PKDecryption](p) }

//export olm_pk_decryption_last_error
func pkDecryptionLastError(p unsafe.Pointer) *byte {
	return name(cabi.At[cabi.PKDecryption](p).LastErrorCode())
}

//export olm_pk_decryption_last_error_code
func pkDecryptionLastErrorCode(p unsafe.Pointer) uint32 {
	return uint32(cabi.At[cabi.PKDecryption](p).LastErrorCode())
}

//export olm_pk_private_key_length
func pkPrivateKeyLength() uint { return cabi.PKPrivateKeyLen }

//export olm_pk_generate_key_random_length
func pkGenerateKeyRandomLength() uint { return cabi.PKPrivateKeyLen }

//export olm_pk_key_from_private
func pkKeyFromPrivate(p unsafe.Pointer, publicKey unsafe.Pointer, publicKeyLen uint, private unsafe.Pointer, privateLen uint) uint {
	return cabi.At[cabi.PKDecryption](p).KeyFromPrivate(view(publicKey, publicKeyLen), view(private, privateLen))
}

//export olm_pk_generate_key
func pkGenerateKey(p unsafe.Pointer, publicKey unsafe.Pointer, publicKeyLen uint, private unsafe.Pointer, privateLen uint) uint {
	return cabi.At[cabi.PKDecryption](p).KeyFromPrivate(view(publicKey, publicKeyLen), view(private, privateLen))
}

//export olm_pickle_pk_decryption_length
func picklePKDecryptionLength(_ unsafe.Pointer) uint { return cabi.PKPickleLen() }

//export olm_pickle_pk_decryption
func picklePKDecryption(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint) uint {
	return cabi.At[cabi.PKDecryption](p).Pickle(view(key, keyLen), view(pickled, pickledLen))
}

//export olm_unpickle_pk_decryption
func unpicklePKDecryption(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint, publicKey unsafe.Pointer, publicKeyLen uint) uint {
	return cabi.At[cabi.PKDecryption](p).Unpickle(view(key, keyLen), view(pickled, pickledLen), view(publicKey, publicKeyLen))
}

//export olm_pk_max_plaintext_length
func pkMaxPlaintextLength(_ unsafe.Pointer, ciphertextLen uint) uint {
	return cabi.PKMaxPlaintextLen(ciphertextLen)
}

//export olm_pk_decrypt
func pkDecrypt(p unsafe.Pointer, ephemeralKey unsafe.Pointer, ephemeralKeyLen uint, mac unsafe.Pointer, macLen uint, ciphertext unsafe.Pointer, ciphertextLen uint, plaintext unsafe.Pointer, plaintextLen uint) uint {
	return cabi.At[cabi.PKDecryption](p).Decrypt(view(ephemeralKey, ephemeralKeyLen), view(mac, macLen), view(ciphertext, ciphertextLen), view(plaintext, plaintextLen))
}

//export olm_pk_get_private_key
func pkGetPrivateKey(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.PKDecryption](p).PrivateKey(view(out, outLen))
}

//export olm_pk_signing_size
func pkSigningSize() uint { return cabi.Size[cabi.PKSigning]() }

//export olm_pk_signing
func pkSigning(memory unsafe.Pointer) unsafe.Pointer { return construct[cabi.PKSigning](memory) }

//export olm_clear_pk_signing
func clearPKSigning(p unsafe.Pointer) uint { return cabi.Clear[cabi.PKSigning](p) }

//export olm_pk_signing_last_error
func pkSigningLastError(p unsafe.Pointer) *byte {
	return name(cabi.At[cabi.PKSigning](p).LastErrorCode())
}

//export olm_pk_signing_last_error_code
func pkSigningLastErrorCode(p unsafe.Pointer) uint32 {
	return uint32(cabi.At[cabi.PKSigning](p).LastErrorCode())
}

//export olm_pk_signing_key_from_seed
func pkSigningKeyFromSeed(p unsafe.Pointer, publicKey unsafe.Pointer, publicKeyLen uint, seed unsafe.Pointer, seedLen uint) uint {
	return cabi.At[cabi.PKSigning](p).KeyFromSeed(view(publicKey, publicKeyLen), view(seed, seedLen))
}

//export olm_pk_signing_seed_length
func pkSigningSeedLength() uint { return cabi.PKSigningSeedLen }

//export olm_pk_signing_public_key_length
func pkSigningPublicKeyLength() uint { return cabi.PKSigningPublicKeyLen }

//export olm_pk_signature_length
func pkSignatureLength() uint { return cabi.PKSignatureLen }

//export olm_pk_sign
func pkSign(p unsafe.Pointer, message unsafe.Pointer, messageLen uint, signature unsafe.Pointer, signatureLen uint) uint {
	return cabi.At[cabi.PKSigning](p).Sign(view(message, messageLen), view(signature, signatureLen))
}
