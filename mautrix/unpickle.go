package mautrix

import (
	"bytes"
	"errors"

	mautrix "maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/pickle"
)

// unpickle reads a pickle of libolm's format with native, or one of goolm's older JSON format, whose
// contents fromJSON turns into those of libolm's.
func unpickle[T any](pickled, key []byte, native func(key, pickled []byte) (T, error), fromJSON func([]byte) ([]byte, error)) (T, error) {
	var none T
	if len(key) == 0 {
		return none, mautrix.ErrNoKeyProvided
	}
	if len(pickled) == 0 {
		return none, mautrix.ErrEmptyInput
	}
	text, err := lenient(pickled)
	if err != nil {
		return none, translate(err)
	}
	object, err := native(key, text)
	if errors.Is(err, pickle.ErrVersion) {
		// A JSON pickle begins with 0x01, '{': as a number in libolm's format no version there is.
		if converted := convertJSONPickle(text, key, fromJSON); converted != nil {
			object, err = native(key, converted)
		}
	}
	if err != nil {
		return none, translate(err)
	}
	return object, nil
}

// jsonPickleVersion is the first byte of a JSON pickle, of every type.
const jsonPickleVersion = 1

// convertJSONPickle returns the pickle of libolm's format that stands for a JSON pickle, or nil if text is
// none.
func convertJSONPickle(text, key []byte, fromJSON func([]byte) ([]byte, error)) []byte {
	contents, err := pickle.Open(key, text)
	if err != nil {
		return nil
	}
	defer clear(contents)
	encoded := bytes.TrimRight(contents, "\x00") // goolm padded with zeros too
	if len(encoded) < 2 || encoded[0] != jsonPickleVersion || encoded[1] != '{' {
		return nil
	}
	fields, err := fromJSON(encoded[1:])
	if err != nil {
		return nil
	}
	defer clear(fields)
	sealed, err := pickle.Seal(key, fields)
	if err != nil {
		return nil
	}
	return sealed
}
