//go:build (arm64 || ppc64le || s390x) && !purego

package aes

func hardware() []cbc {
	if !hasAES {
		return nil
	}
	return []cbc{{"std", encryptStd, decryptStd}}
}
