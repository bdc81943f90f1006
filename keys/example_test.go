package keys_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/karst-im/karst/keys"
)

// The keys of a device come as JSON; parsing checks them.
func Example() {
	var device struct {
		Curve25519 keys.Curve25519 `json:"curve25519"`
		Ed25519    keys.Ed25519    `json:"ed25519"`
	}
	err := json.Unmarshal([]byte(`{
		"curve25519": "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo",
		"ed25519": "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU"
	}`), &device)
	if err != nil {
		log.Fatal(err)
	}

	// Keys are comparable, so that they serve as the keys of a map.
	names := map[keys.Curve25519]string{device.Curve25519: "Alice"}
	sender, err := keys.ParseCurve25519("hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(names[sender], device.Ed25519)

	// Output:
	// Alice /FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU
}

func ExampleParseCurve25519() {
	for _, text := range []string{
		"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=", // padding is taken
		"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTm",   // too short
		"//////////////////////////////////////////8",  // no number below 2^255 - 19
	} {
		key, err := keys.ParseCurve25519(text)
		switch {
		case errors.Is(err, keys.ErrSyntax), errors.Is(err, keys.ErrNotCanonical):
			fmt.Println(err)
		default:
			fmt.Println(key)
		}
	}

	// Output:
	// hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo
	// keys: not base64 of the right length
	// keys: Curve25519 key is not canonical
}

// This is test 3 of RFC 8032, section 7.1.
func ExampleEd25519_Verify() {
	key, err := keys.ParseEd25519("/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU")
	if err != nil {
		log.Fatal(err)
	}
	signature, err := keys.ParseSignature("YpHWV97sJAJIJ+acOr4BowzlSKKEdDpEXjaA19taw6wY/5tTjRbykK5n92CYTcZZSnwV6XFu0o3AJ77O6h7ECg")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Verify([]byte("\xaf\x82"), signature))
	fmt.Println(key.Verify([]byte("\xaf\x83"), signature))

	// Output:
	// true
	// false
}
