//go:build tinygo

package export

import (
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
)

//export olm_sas_size
func sasSize() uint { return cabi.Size[cabi.SAS]() }

//export olm_sas
func sas(memory unsafe.Pointer) unsafe.Pointer { return construct[cabi.SAS](memory) }

//export olm_clear_sas
func clearSas(p unsafe.Pointer) uint { return cabi.Clear[cabi.SAS](p) }

//export olm_sas_last_error
func sasLastError(p unsafe.Pointer) *byte { return name(cabi.At[cabi.SAS](p).LastErrorCode()) }

//export olm_sas_last_error_code
func sasLastErrorCode(p unsafe.Pointer) uint32 { return uint32(cabi.At[cabi.SAS](p).LastErrorCode()) }

//export olm_create_sas_random_length
func createSasRandomLength(_ unsafe.Pointer) uint { return cabi.SASRandomLen }

//export olm_create_sas
func createSas(p unsafe.Pointer, random unsafe.Pointer, randomLen uint) uint {
	return cabi.At[cabi.SAS](p).Create(view(random, randomLen))
}

//export olm_sas_pubkey_length
func sasPubkeyLength(_ unsafe.Pointer) uint { return cabi.SASKeyLen }

//export olm_sas_get_pubkey
func sasGetPubkey(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.SAS](p).PublicKey(view(out, outLen))
}

//export olm_sas_set_their_key
func sasSetTheirKey(p unsafe.Pointer, theirKey unsafe.Pointer, theirKeyLen uint) uint {
	return cabi.At[cabi.SAS](p).SetTheirKey(view(theirKey, theirKeyLen))
}

//export olm_sas_is_their_key_set
func sasIsTheirKeySet(p unsafe.Pointer) int32 { return boolean(cabi.At[cabi.SAS](p).IsTheirKeySet()) }

//export olm_sas_generate_bytes
func sasGenerateBytes(p unsafe.Pointer, info unsafe.Pointer, infoLen uint, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.SAS](p).GenerateBytes(view(info, infoLen), view(out, outLen))
}

//export olm_sas_mac_length
func sasMacLength(_ unsafe.Pointer) uint { return cabi.SASMACLen }

//export olm_sas_calculate_mac
func sasCalculateMac(p unsafe.Pointer, input unsafe.Pointer, inputLen uint, info unsafe.Pointer, infoLen uint, mac unsafe.Pointer, macLen uint) uint {
	return calculateMAC(p, cabi.MAC, view(input, inputLen), view(info, infoLen), view(mac, macLen))
}

//export olm_sas_calculate_mac_fixed_base64
func sasCalculateMacFixedBase64(p unsafe.Pointer, input unsafe.Pointer, inputLen uint, info unsafe.Pointer, infoLen uint, mac unsafe.Pointer, macLen uint) uint {
	return calculateMAC(p, cabi.MACFixedBase64, view(input, inputLen), view(info, infoLen), view(mac, macLen))
}

//export olm_sas_calculate_mac_long_kdf
func sasCalculateMacLongKdf(p unsafe.Pointer, input unsafe.Pointer, inputLen uint, info unsafe.Pointer, infoLen uint, mac unsafe.Pointer, macLen uint) uint {
	return calculateMAC(p, cabi.MACLongKDF, view(input, inputLen), view(info, infoLen), view(mac, macLen))
}

func calculateMAC(p unsafe.Pointer, method cabi.MACMethod, input, info, mac []byte) uint {
	return cabi.At[cabi.SAS](p).CalculateMAC(method, input, info, mac)
}
