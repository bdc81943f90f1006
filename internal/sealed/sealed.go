// Package sealed keeps secrets out of what encodes values by their fields or methods: JSON, XML, YAML, gob
// and the like. An object whose fields are all unexported would come out empty there, without an error: a
// room key of nothing, a store without its account.
package sealed

// Object makes the type that embeds it fail to marshal and to unmarshal, with the error E, which says what to
// use instead. It takes no room as the first field of a struct.
//
// The receivers are values, so that the methods are those of a value as well as of a pointer, wherever an
// encoder finds it: most look for MarshalJSON, MarshalText or MarshalBinary before they look at fields.
//
// Out of its reach is a struct of a program's that embeds two of these types, or one and a type with such methods
// of its own: neither's, or the other's, are those of the struct. JSON and XML, which take the fields of what is
// embedded for the struct's, then leave the secret out.
type Object[E error] struct{}

// MarshalJSON implements json.Marshaler.
func (Object[E]) MarshalJSON() ([]byte, error) { return nil, refuse[E]() }

// MarshalText implements encoding.TextMarshaler, for which XML, YAML and TOML look.
func (Object[E]) MarshalText() ([]byte, error) { return nil, refuse[E]() }

// MarshalBinary implements encoding.BinaryMarshaler, for which gob, CBOR and msgpack look.
func (Object[E]) MarshalBinary() ([]byte, error) { return nil, refuse[E]() }

// UnmarshalJSON implements json.Unmarshaler.
func (Object[E]) UnmarshalJSON([]byte) error { return refuse[E]() }

// UnmarshalText implements encoding.TextUnmarshaler.
func (Object[E]) UnmarshalText([]byte) error { return refuse[E]() }

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (Object[E]) UnmarshalBinary([]byte) error { return refuse[E]() }

// UnmarshalYAML implements the interface of gopkg.in/yaml.v2, which later packages for YAML know too: a
// mapping would pass by UnmarshalText.
func (Object[E]) UnmarshalYAML(func(any) error) error { return refuse[E]() }

// IsZero is what encoders ask about a field with "omitempty" or "omitzero": it is never left out in silence.
func (Object[E]) IsZero() bool { return false }

func refuse[E error]() error {
	var e E
	return e
}
