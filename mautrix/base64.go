package mautrix

import (
	"bytes"
	"strings"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// lenient returns text as the one base64 that karst takes for it: without padding, without line breaks
// and with the unused bits of the last character zero. libolm ignores those bits and goolm them and line
// breaks, so what they have stored or sent may come like that; padding is what other encoders add, and
// what users paste. Any other character remains, to be refused. It returns an error if no base64 has that
// length.
//
// It looks at no character of a secret but the last, and what ends in a secret's text is public: a
// signature or a public key.
func lenient(text []byte) ([]byte, error) {
	if bytes.ContainsAny(text, "\r\n") {
		kept := make([]byte, 0, len(text))
		for _, c := range text {
			if c != '\r' && c != '\n' {
				kept = append(kept, c)
			}
		}
		text = kept
	}
	if padded := len(text); padded%4 == 0 {
		text = bytes.TrimSuffix(text, []byte("="))
		if len(text) < padded {
			text = bytes.TrimSuffix(text, []byte("="))
		}
	}
	var unused int
	switch len(text) % 4 {
	case 0:
		return text, nil
	case 1:
		return nil, errBase64
	case 2:
		unused = 4
	case 3:
		unused = 2
	}
	end := len(text) - 1
	if last := strings.IndexByte(alphabet, text[end]); last >= 0 {
		if canonical := alphabet[last>>unused<<unused]; canonical != text[end] {
			text = append(bytes.Clone(text[:end]), canonical)
		}
	}
	return text, nil
}

func parseCurve25519[T ~string](text T) (keys.Curve25519, error) {
	canonical, err := lenient([]byte(text))
	if err != nil {
		return keys.Curve25519{}, err
	}
	return keys.ParseCurve25519(string(canonical))
}

func parseOlmBody(text string) (body olm.Body, err error) {
	canonical, err := lenient([]byte(text))
	if err != nil {
		return nil, err
	}
	err = body.UnmarshalText(canonical)
	return body, err
}

func parseMegolmMessage(text []byte) (message megolm.Message, err error) {
	canonical, err := lenient(text)
	if err != nil {
		return nil, err
	}
	err = message.UnmarshalText(canonical)
	return message, err
}
