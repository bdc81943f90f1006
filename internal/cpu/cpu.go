// Package cpu knows which instructions the processor has, for the packages that carry assembly.
package cpu

// AES and SHA tell whether the amd64 code for AES and SHA-256 may run. They are false elsewhere and
// under the purego tag.
var AES, SHA bool
