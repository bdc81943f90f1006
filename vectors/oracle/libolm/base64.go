package libolm

/*
#include <stddef.h>
#include <stdint.h>

// Not in the installed headers, but exported by the library.
size_t _olm_decode_base64_length(size_t input_length);
size_t _olm_decode_base64(uint8_t const * input, size_t input_length, uint8_t * output);
*/
import "C"

// DecodeBase64 is libolm's own lenient decoder.
func DecodeBase64(text string) ([]byte, bool) {
	in := copyIn(text)
	n := C._olm_decode_base64_length(size(in))
	if n == failed {
		return nil, false
	}
	out := buffer(n)
	C._olm_decode_base64(addr8(in), size(in), addr8(out))
	return out, true
}
