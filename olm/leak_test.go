package olm_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/olm"
)

// needles returns every form in which four bytes of secret could be printed.
func needles(secret []byte) (all []string) {
	for i := 0; i+4 <= len(secret); i++ {
		w := secret[i : i+4]
		decimal := fmt.Sprint(w)
		decimal = decimal[1 : len(decimal)-1]
		all = append(all, string(w), hex.EncodeToString(w), strings.ToUpper(hex.EncodeToString(w)), decimal,
			strings.ReplaceAll(decimal, " ", ", "), strings.ReplaceAll(decimal, " ", ","),
			fmt.Sprintf("%#x, %#x, %#x, %#x", w[0], w[1], w[2], w[3]))
	}
	// Base64 at each of its three alignments, in runs of six characters.
	for shift := range 3 {
		text := base64.RawStdEncoding.EncodeToString(secret[shift:])
		for i := 0; i+6 <= len(text); i++ {
			all = append(all, text[i:i+6])
		}
	}
	return all
}

func leaks(text string, needles []string) bool {
	for _, n := range needles {
		if strings.Contains(text, n) {
			return true
		}
	}
	return false
}

// printed returns x in every way that a program may print it.
func printed(t *testing.T, x any) map[string]string {
	t.Helper()
	out := map[string]string{"Sprint": fmt.Sprint(x), "error": fmt.Errorf("%v", x).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "% x", "%#x", "%20v", "%T"} {
		out[verb] = fmt.Sprintf(verb, x)
	}
	text, err := json.Marshal(x)
	require.NoError(t, err)
	out["JSON"] = string(text)
	return out
}

func TestPrintingShowsNoSecrets(t *testing.T) {
	account, session := accounts(t)["two fallbacks"], sessions(t)["skipped keys"]
	encrypt(t, session, "begin a chain")
	a, s := rawOfAccount(t, account), rawOf(t, session)
	var secrets []string
	for _, secret := range [][]byte{
		a.Signing[:], a.Identity.Private[:], a.OneTime[0].Pair.Private[:], a.Fallback[0].Pair.Private[:], a.Fallback[1].Pair.Private[:],
	} {
		secrets = append(secrets, needles(secret)...)
	}
	for _, secret := range [][]byte{
		s.Root[:], s.Sending[0].Pair.Private[:], s.Sending[0].Chain[:], s.Receiving[0].Key[:], s.Receiving[1].Key[:], s.Skipped[0].Key[:],
	} {
		secrets = append(secrets, needles(secret)...)
	}

	type hidden struct {
		account *olm.Account
		session *olm.Session
	}
	type shown struct {
		Account olm.Account
		Session olm.Session
	}
	n := 0
	for _, x := range []any{
		account, *account, session, *session, []*olm.Account{account}, []olm.Account{*account}, []olm.Session{*session},
		map[string]*olm.Session{"s": session}, shown{*account, *session}, &shown{*account, *session},
	} {
		for how, text := range printed(t, x) {
			n++
			require.False(t, leaks(text, secrets), "%T by %s", x, how)
		}
	}
	// fmt can't call methods of unexported fields. It prints the address of a pointer then, unless
	// the verb is one that does not fit pointers.
	for _, verb := range []string{"%v", "%+v", "%#v", "%x"} {
		n++
		require.False(t, leaks(fmt.Sprintf(verb, hidden{account, session}), secrets), verb)
	}
	t.Logf("%d of %d show nothing", n, n)

	// What is printed is the name of the type.
	for verb, want := range map[string]string{"%v": "%s", "%+v": "%s", "%#v": "%s", "%s": "%s", "%x": "%x", "%q": "%q"} {
		for _, x := range []any{account, *account, olm.Account{}} {
			require.Equal(t, fmt.Sprintf(want, "olm.Account"), fmt.Sprintf(verb, x))
		}
		for _, x := range []any{session, *session, olm.Session{}} {
			require.Equal(t, fmt.Sprintf(want, "olm.Session"), fmt.Sprintf(verb, x))
		}
	}

	// The search finds what is there.
	for _, verb := range []string{"%v", "%+v", "%#v", "%x"} {
		require.True(t, leaks(fmt.Sprintf(verb, account.State()), secrets), verb)
		require.True(t, leaks(fmt.Sprintf(verb, session.State()), secrets), verb)
	}
	for _, text := range []string{text64(s.Root[:]), hex.EncodeToString(s.Root[:]), string(s.Root[:]), base64.StdEncoding.EncodeToString(append([]byte("x"), s.Root[:]...))} {
		require.True(t, leaks(text, secrets))
	}
}
