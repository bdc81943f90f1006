//go:build !purego

package cpu

func cpuid(eax, ecx uint32) (a, b, c, d uint32)

func init() {
	const ssse3, sse41, aes = 1 << 9, 1 << 19, 1 << 25 // leaf 1, ECX
	const bmi2, adx, sha = 1 << 8, 1 << 19, 1 << 29    // leaf 7, EBX
	max, _, _, _ := cpuid(0, 0)
	if max < 7 {
		return
	}
	_, _, c1, _ := cpuid(1, 0)
	_, b7, _, _ := cpuid(7, 0)
	SSSE3 = c1&ssse3 != 0
	ADX = b7&bmi2 != 0 && b7&adx != 0
	AES = c1&aes != 0 && c1&sse41 != 0 && c1&ssse3 != 0
	SHA = b7&sha != 0 && c1&sse41 != 0 && c1&ssse3 != 0
}
