package leaks_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"reflect"
	"strings"

	"github.com/stretchr/testify/assert"
)

// printer is one way to make text of a value.
type printer struct {
	name  string
	print func(x any) string
}

// recorder is a test that only notes what is said.
type recorder struct{ text strings.Builder }

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.text, format, args...) }

func (r *recorder) FailNow() {}

func printers() (all []printer) {
	for _, verb := range verbs {
		all = append(all, printer{verb, func(x any) string { return fmt.Sprintf(verb, x) }})
	}
	logger := func(handler func(*bytes.Buffer) slog.Handler) func(x any) string {
		return func(x any) string {
			var b bytes.Buffer
			slog.New(handler(&b)).With("with", x).Error("message", "value", x, slog.Group("group", "inner", x))
			return b.String()
		}
	}
	return append(all,
		printer{"Sprint", func(x any) string { return fmt.Sprint(x) + fmt.Sprintln(x, x) }},
		printer{"Errorf", func(x any) string { return fmt.Errorf("%v: %w", x, errors.Join(fmt.Errorf("%+v", x))).Error() }},
		printer{"log", func(x any) string {
			var b bytes.Buffer
			log.New(&b, "", 0).Print(x)
			return b.String()
		}},
		printer{"slog, text", logger(func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) })},
		printer{"slog, JSON", logger(func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) })},
		printer{"json", func(x any) string {
			text, err := json.Marshal(x)
			indented, err2 := json.MarshalIndent(x, "", " ")
			return fmt.Sprint(string(text), string(indented), err, err2)
		}},
		printer{"xml", func(x any) (text string) {
			defer func() {
				// encoding/xml panics at a struct without a name that embeds what has a MarshalText.
				if r := recover(); r != nil {
					text = fmt.Sprint(r)
				}
			}()
			encoded, err := xml.Marshal(x)
			return fmt.Sprint(string(encoded), err)
		}},
		printer{"gob", func(x any) string {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(x)
			return fmt.Sprint(b.String(), err)
		}},
		printer{"testify", func(x any) string {
			// Against a zero value of the same type: the failure shows the two, and how they differ.
			other := reflect.New(reflect.TypeOf(x)).Elem()
			if other.Kind() == reflect.Pointer {
				other.Set(reflect.New(other.Type().Elem()))
			}
			var r recorder
			assert.Equal(&r, other.Interface(), x)
			assert.Exactly(&r, other.Interface(), x)
			assert.Nil(&r, x)
			assert.Empty(&r, x)
			return r.text.String()
		}},
	)
}
