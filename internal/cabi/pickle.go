package cabi

import "github.com/karst-im/karst/internal/errcode"

// withPickle is an object that has a pickle. What they all do alike is here; write and read are what differs.
type withPickle interface {
	*Account | *Session | *OutboundGroupSession | *InboundGroupSession | *PKDecryption

	write(dst, key []byte)        // writes the pickle, encrypted under key, to dst, which has its length
	read(raw []byte) errcode.Code // reads a decrypted pickle; if it refuses that, nothing has changed
	fail(errcode.Code) uint
}

// writePickle writes the pickle of o, encrypted under key, to out, and returns its length, which is n.
func writePickle[T withPickle](o T, n uint, key, out []byte) uint {
	if uint(len(out)) < n {
		return o.fail(errcode.OutputBufferTooSmall)
	}
	o.write(out[:n], key)
	return n
}

// readPickle reads o from a pickle, which is decrypted where it lies, and returns the pickle's length.
func readPickle[T withPickle](o T, key, pickle []byte) uint {
	raw, code := openPickle(key, pickle)
	if code == errcode.OK {
		code = o.read(raw)
	}
	if code != errcode.OK {
		return o.fail(code)
	}
	return uint(len(pickle))
}
