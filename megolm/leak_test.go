package megolm_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/megolm"
)

// TestPrintingShowsNoSecrets: whatever the verb, what is printed is the name of the type, and so no
// byte of a secret in any form.
func TestPrintingShowsNoSecrets(t *testing.T) {
	ref := newReference(1)
	out, in := ref.outbound(t), ref.inbound(t)
	session, err := out.SessionKey()
	require.NoError(t, err)
	exported, err := in.Export(0)
	require.NoError(t, err)
	n := 0
	for _, c := range []struct {
		name   string
		values []any
	}{
		{"megolm.OutboundSession", []any{out, *out, megolm.OutboundSession{}}},
		{"megolm.InboundSession", []any{in, *in, megolm.InboundSession{}}},
		{"megolm.SessionKey", []any{&session, session, megolm.SessionKey{}}},
		{"megolm.ExportedKey", []any{&exported, exported, megolm.ExportedKey{}}},
	} {
		for _, x := range c.values {
			for verb, want := range map[string]string{"%v": "%s", "%+v": "%s", "%#v": "%s", "%s": "%s", "%x": "%x", "%X": "%X", "%q": "%q", "% x": "% x"} {
				require.Equal(t, fmt.Sprintf(want, c.name), fmt.Sprintf(verb, x))
				require.Equal(t, "["+fmt.Sprintf(want, c.name)+"]", fmt.Sprintf("["+verb+"]", x))
				n++
			}
			// As a value in a slice, and in a field.
			require.Equal(t, "{"+c.name+" ["+c.name+"]}", fmt.Sprint(struct {
				X any
				Y []any
			}{x, []any{x}}))
			text, err := json.Marshal(x)
			require.NoError(t, err)
			require.Equal(t, "{}", string(text))
			n += 2
		}
	}
	t.Logf("%d of %d show nothing", n, n)
	require.Contains(t, fmt.Sprint(in.State()), fmt.Sprint(ref.r[0][:4])[1:8], "a name is all that stands between")
}
