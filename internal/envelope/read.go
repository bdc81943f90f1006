package envelope

import (
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/secret"
)

// Read opens the envelope in text under key, hands its contents to take, and wipes them. take must not keep
// them. text stays as it is.
func Read(key, text []byte, take func(contents []byte) errcode.Code) errcode.Code {
	buf := make([]byte, len(text))
	copy(buf, text)
	defer secret.Wipe(buf)
	contents, code := Open(buf, key)
	if code != errcode.OK {
		return code
	}
	return take(contents)
}
