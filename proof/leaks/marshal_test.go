package leaks_test

import (
	"bytes"
	"database/sql/driver"
	"encoding"
	"encoding/asn1"
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// What a program encodes comes back equal when it is decoded, or encoding it fails: nothing in between. An object
// without exported fields would come out as {}, without an error, and a room key of nothing be sent.

// storedShape is a value with an object in it, and a way to make an empty one to decode it into.
type storedShape struct {
	name  string
	value any
	fresh func() any // a pointer; nil if the type does not tell what to decode into
}

// The structs of a program that stores an object.
type (
	byValue[T any]      struct{ X T }
	byPointer[T any]    struct{ X *T }
	inList[T any]       struct{ X []T }
	inListOfPtrs[T any] struct{ X []*T }
	inArray[T any]      struct{ X [1]T }
	inAny[T any]        struct{ X any }
	besideOthers[T any] struct {
		Name string
		X    *T
		N    int
	}
	orEmpty[T any] struct {
		X T `json:"x,omitempty" xml:"x,omitempty"`
	}
	orZero[T any] struct {
		X T `json:"x,omitzero"`
	}
	pointerOrEmpty[T any] struct {
		X *T `json:"x,omitempty" xml:"x,omitempty"`
	}
	inMap[T any]       struct{ X map[string]T }
	inMapOfPtrs[T any] struct{ X map[string]*T }
)

func storedShapes[T any](p *T) []storedShape {
	return []storedShape{
		{"pointer", p, func() any { return new(T) }},
		{"value", *p, func() any { return new(T) }},
		{"field", byValue[T]{*p}, func() any { return new(byValue[T]) }},
		{"field, by pointer to the struct", &byValue[T]{*p}, func() any { return new(byValue[T]) }},
		{"pointer in a field", byPointer[T]{p}, func() any { return new(byPointer[T]) }},
		{"beside others", besideOthers[T]{"a", p, 1}, func() any { return new(besideOthers[T]) }},
		{"list", inList[T]{[]T{*p}}, func() any { return new(inList[T]) }},
		{"list of pointers", inListOfPtrs[T]{[]*T{p}}, func() any { return new(inListOfPtrs[T]) }},
		{"array", inArray[T]{[1]T{*p}}, func() any { return new(inArray[T]) }},
		{"map", inMap[T]{map[string]T{"k": *p}}, func() any { return new(inMap[T]) }},
		{"map of pointers", inMapOfPtrs[T]{map[string]*T{"k": p}}, func() any { return new(inMapOfPtrs[T]) }},
		{"omitempty", orEmpty[T]{*p}, func() any { return new(orEmpty[T]) }},
		{"omitzero", orZero[T]{*p}, func() any { return new(orZero[T]) }},
		{"pointer, omitempty", pointerOrEmpty[T]{p}, func() any { return new(pointerOrEmpty[T]) }},
		{"any", inAny[T]{*p}, nil},
		{"pointer in any", inAny[T]{p}, nil},
	}
}

// codec is a way to store values.
type codec struct {
	name   string
	encode func(x any) ([]byte, error)
	decode func(b []byte, p any) error // nil if it can't
}

var codecs = []codec{
	{"json", json.Marshal, json.Unmarshal},
	{"indented json", func(x any) ([]byte, error) { return json.MarshalIndent(x, "", " ") }, json.Unmarshal},
	{"xml", xml.Marshal, xml.Unmarshal},
	{"gob", func(x any) ([]byte, error) {
		var b bytes.Buffer
		err := gob.NewEncoder(&b).Encode(x)
		return b.Bytes(), err
	}, func(b []byte, p any) error { return gob.NewDecoder(bytes.NewReader(b)).Decode(p) }},
	{"asn1", asn1.Marshal, nil},
	{"binary", func(x any) ([]byte, error) { return binary.Append(nil, binary.BigEndian, x) }, nil},
	{"sql", func(x any) ([]byte, error) {
		v, err := driver.DefaultParameterConverter.ConvertValue(x)
		if _, none := v.(int64); err == nil && none {
			return nil, errors.New("a number, and no object")
		}
		return nil, err
	}, nil},
}

// names are what an error has to say to do instead. What is never stored has none.
var names = map[string][]string{
	"olm.Account": {"Pickle", "UnpickleAccount"}, "olm.Session": {"Pickle", "UnpickleSession"},
	"megolm.OutboundSession": {"Pickle", "UnpickleOutboundSession"}, "megolm.InboundSession": {"Pickle", "UnpickleInboundSession"},
	"megolm.SessionKey": {"Base64", "ParseSessionKey"}, "megolm.ExportedKey": {"Base64", "ParseExportedKey"},
	"pk.Decryption": {"Pickle", "UnpickleDecryption"}, "pk.Signing": {"seed", "NewSigning"}, "pk.Encryption": {"public key", "NewEncryption"},
	"ratchet.Double": {"Pickle", "UnpickleDouble"}, "ratchet.Megolm": {"Pickle", "UnpickleMegolm"},
	"sas.SAS": {"nothing stores it"}, "sas.Established": {"nothing stores it"},
}

// seals reports whether err is what a type itself answers to an encoder, and names what to use.
func seals(typ string, err error) bool {
	if err == nil {
		return false
	}
	pkg, name, _ := strings.Cut(typ, ".")
	_, text, ok := strings.Cut(err.Error(), pkg+": "+name+" ")
	return ok && strings.Contains(text, "does not marshal: ") && len(names[typ]) > 0 &&
		!slices.ContainsFunc(names[typ], func(n string) bool { return !strings.Contains(text, n) })
}

// TestMarshalling: each exported type, in every shape and by every encoder.
func TestMarshalling(t *testing.T) {
	same, refused := 0, 0
	for _, o := range objects() {
		_, sealed := names[o.typ]
		if o.holds && !sealed {
			t.Errorf("%s is secret, and nothing says what to use instead of an encoder", o.typ)
		}
		for _, s := range o.stored {
			for _, c := range codecs {
				if why := o.beyond(s, c); why != "" {
					continue
				}
				encoded, err := c.encode(s.value)
				switch {
				case sealed && err == nil:
					t.Errorf("%s, %s, by %s: becomes %q", o.typ, s.name, c.name, encoded)
				case sealed && c.decode != nil && !strings.Contains(s.name, "any") && !seals(o.typ, err) && !unsupported(err):
					t.Errorf("%s, %s, by %s: the error does not say what to use: %v", o.typ, s.name, c.name, err)
				case err != nil:
					refused++
				case c.decode != nil && s.fresh != nil:
					p := s.fresh()
					if err := c.decode(encoded, p); err != nil {
						t.Errorf("%s, %s, by %s: %q does not decode: %v", o.typ, s.name, c.name, encoded, err)
					} else if got, want := reflect.ValueOf(p).Elem().Interface(), dereferenced(s.value); !reflect.DeepEqual(got, want) {
						t.Errorf("%s, %s, by %s: %#v became %#v by way of %q", o.typ, s.name, c.name, want, got, encoded)
					}
					same++
				}
			}
		}
	}
	if same < 500 || refused < 1000 {
		t.Errorf("%d came back, %d were refused", same, refused)
	}
	t.Logf("marshalling: %d come back equal, %d are refused", same, refused)
}

// beyond says why an encoder's answer is not looked at, or nothing.
func (o object) beyond(s storedShape, c codec) string {
	switch {
	case c.name == "binary" && o.typ == "pk.Encryption":
		return "encoding/binary writes the fields of any struct of arrays, and this one has a public key"
	case c.name == "xml" && (s.name == "array" || o.typ == "sas.Bytes"):
		return "encoding/xml does not decode arrays, and sas.Bytes is one, which nobody stores"
	case c.name == "gob" && reflect.ValueOf(o.stored[0].value).Elem().IsZero():
		return "encoding/gob leaves out zero values, and so decodes what is equal"
	}
	return ""
}

// unsupported reports whether an encoder does not know the kind of value around the object: a map, for xml.
func unsupported(err error) bool {
	var kind *xml.UnsupportedTypeError
	return errors.As(err, &kind)
}

func dereferenced(x any) any {
	if v := reflect.ValueOf(x); v.Kind() == reflect.Pointer {
		return v.Elem().Interface()
	}
	return x
}

// TestUnmarshalling: nothing decodes into an object that holds a secret: it would stay what it was, as if there
// had been nothing to read.
func TestUnmarshalling(t *testing.T) {
	n := 0
	for _, o := range objects() {
		if !o.holds {
			continue
		}
		for _, s := range o.stored[:2] {
			for _, text := range []string{"{}", "[]", `""`, `"AAAA"`, "1", "true", "null", `{"x":1}`} {
				if err := json.Unmarshal([]byte(text), s.fresh()); !seals(o.typ, err) {
					t.Errorf("%s from %s: %v", o.typ, text, err)
				}
			}
			for _, text := range []string{"<X></X>", "<X>AAAA</X>", "<X><Y/></X>"} {
				if err := xml.Unmarshal([]byte(text), s.fresh()); !seals(o.typ, err) {
					t.Errorf("%s from %s: %v", o.typ, text, err)
				}
			}
			p := s.fresh()
			for name, err := range map[string]error{
				"text":   p.(encoding.TextUnmarshaler).UnmarshalText(nil),
				"binary": p.(encoding.BinaryUnmarshaler).UnmarshalBinary(nil),
				"yaml":   p.(interface{ UnmarshalYAML(func(any) error) error }).UnmarshalYAML(func(any) error { return nil }),
			} {
				if !seals(o.typ, err) {
					t.Errorf("%s, %s: %v", o.typ, name, err)
				}
			}
			if !reflect.ValueOf(p).Elem().IsZero() {
				t.Errorf("%s is no longer empty", o.typ)
			}
			n++
		}
	}
	if n < 20 {
		t.Errorf("only %d objects", n)
	}
}
