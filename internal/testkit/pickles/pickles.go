// Package pickles is package pickle for tests that look into a pickle or change it: what can't fail there does not
// return an error.
package pickles

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/karst-im/karst/pickle"
)

// Sealed returns raw in an envelope under key.
func Sealed(key, raw []byte) []byte { return must(pickle.Seal(key, raw)) }

// Opened returns the contents of an envelope under key. It panics if there are none.
func Opened(key, pickled []byte) []byte { return must(pickle.Open(key, pickled)) }

// Reference returns padded, whole blocks that the caller has padded, in an envelope under key: by the standard library
// alone, to compare with.
func Reference(key, padded []byte) []byte {
	d := must(hkdf.Key(sha256.New, key, nil, "Pickle", 80))
	raw := bytes.Clone(padded)
	cipher.NewCBCEncrypter(must(aes.NewCipher(d[:32])), d[64:]).CryptBlocks(raw, raw)
	mac := hmac.New(sha256.New, d[32:64])
	mac.Write(raw)
	return base64.RawStdEncoding.AppendEncode(nil, mac.Sum(raw)[:len(raw)+8])
}

// Padded returns contents with the padding of PKCS#7.
func Padded(contents []byte) []byte {
	n := 16 - len(contents)%16
	return append(bytes.Clone(contents), bytes.Repeat([]byte{byte(n)}, n)...)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
