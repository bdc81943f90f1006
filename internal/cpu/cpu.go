// Package cpu knows which instructions the processor has, for the packages that carry assembly.
package cpu

// ADX, AES, SHA and SSSE3 tell whether the amd64 code for the curve, for AES, for SHA-256 and for base64 may run. They are
// false elsewhere and under the purego tag.
var ADX, AES, SHA, SSSE3 bool
