package hostile_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/proof/internal/readers"
)

// Lists in pickles that are longer than anybody's. Honest ones of goolm and vodozemac have some thousand
// elements more than are kept; whoever has the pickle key may write millions.

// overfull returns contents of pickles with lists of n elements, by the kind of object and what is special.
func overfull(n int) map[[2]string][]byte {
	all := map[[2]string][]byte{}
	well := wellFormed()
	// list puts n elements, of which the first is given by its fields and change makes the others, in the
	// place of those behind a count.
	list := func(kind, what, count string, size int, change func(element []byte, i int)) {
		raw := well[kind]
		i := slices.IndexFunc(fieldsOf(kind, raw), func(f field) bool { return f.name == count })
		f := fieldsOf(kind, raw)[i]
		at := f.at + f.n
		were := int(binary.BigEndian.Uint32(f.of(raw)))
		b := make([]byte, 0, len(raw)+n*size)
		b = append(b, raw[:at]...)
		setField(f, b, uint32(n))
		for i := range n {
			b = append(b, raw[at:at+size]...)
			change(b[len(b)-size:], i)
		}
		all[[2]string{kind, what}] = append(b, raw[at+were*size:]...)
	}
	number := binary.BigEndian.PutUint32
	list("account", "oldest one-time key first", "one-time keys", 69, func(e []byte, i int) { number(e, uint32(i)) })
	list("account", "newest one-time key first", "one-time keys", 69, func(e []byte, i int) { number(e, uint32(n-i)) })
	list("account", "one id", "one-time keys", 69, func(e []byte, i int) { number(e, 7) })
	for _, kind := range []string{"session", "double"} {
		list(kind, "receiving chains", "receiving count", 68, func(e []byte, i int) {
			if i > 0 {
				number(e, uint32(i))
			}
		})
		list(kind, "oldest skipped key first", "skipped count", 68, func(e []byte, i int) { number(e[64:], uint32(i)) })
		list(kind, "newest skipped key first", "skipped count", 68, func(e []byte, i int) { number(e[64:], uint32(n-i)) })
		list(kind, "one index", "skipped count", 68, func(e []byte, i int) { number(e[64:], 7) })
		list(kind, "skipped keys of no chain", "skipped count", 68, func(e []byte, i int) { number(e, uint32(i)) })
	}
	return all
}

// TestOverfullLists: what is kept is bounded, and no more memory is taken than for the contents and that.
func TestOverfullLists(t *testing.T) {
	alone(t)
	n := 300_000
	if short() {
		n = 5_000
	}
	for kind, raw := range overfull(n) {
		text := sealed(raw)
		var p readers.Pickled
		got := allocated(func() { p = must(readers.ByKind[kind[0]](pickleKey, text)) })
		if allowed := uint64(len(text) + 16<<10); got > allowed {
			t.Errorf("%s: %d bytes are allocated for a pickle of %d", kind, got, len(text))
		}
		if kept := len(rawOf(p)); kept > 8000 {
			t.Errorf("%s: %d bytes are kept", kind, kept)
		}
		if a, ok := p.(*olm.Account); ok && a.OneTimeKeyCount() != olm.MaxOneTimeKeys {
			t.Errorf("%s: %d one-time keys", kind, a.OneTimeKeyCount())
		}
		if err := use(kind[0], p); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

const overfullVariable = "KARST_OVERFULL"

// TestReadOverfull is for TestOverfullWork, which counts what it does.
func TestReadOverfull(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv(overfullVariable))
	if err != nil {
		t.Skip("TestOverfullWork calls this")
	}
	for kind, raw := range overfull(n) {
		require.NoError(t, second(readers.ByKind[kind[0]](pickleKey, sealed(raw))), "%s", kind)
	}
}

// TestOverfullWork counts, by the coverage that Go's own tool measures, how often statements of the readers
// are executed: ten times the elements must cost ten times as much, and not a hundred times.
func TestOverfullWork(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil || short() {
		t.Skip("the Go tool is not here, or this is a short run")
	}
	work := func(n int) (statements uint64) {
		profile := filepath.Join(t.TempDir(), "profile")
		cmd := exec.Command(tool, "test", "-run", "^TestReadOverfull$", "-count=1", "-covermode=count", "-coverprofile="+profile,
			"-coverpkg=github.com/karst-im/karst/ratchet,github.com/karst-im/karst/internal/ratchet,github.com/karst-im/karst/internal/protocol,github.com/karst-im/karst/internal/wire", ".")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", overfullVariable, n))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		text, err := os.ReadFile(profile)
		require.NoError(t, err)
		for _, block := range regexp.MustCompile(`(\S+)/[^/]+\.go:\S+ (\d+) (\d+)\n`).FindAllSubmatch(text, -1) {
			if bytes.HasSuffix(block[1], []byte("/wire")) && bytes.Contains(block[0], []byte("base64")) {
				continue
			}
			in, _ := strconv.ParseUint(string(block[2]), 10, 64)
			times, _ := strconv.ParseUint(string(block[3]), 10, 64)
			statements += in * times
		}
		return statements
	}
	few, many := work(2_000), work(20_000)
	perElement := float64(many-few) / 18_000
	t.Logf("hostile: %.0f statements for an element of each of %d lists that are too long", perElement, len(overfull(1)))
	if many > 10*few || perElement > 3000 || many < 20_000 {
		t.Errorf("%d statements for 2,000 elements, %d for 20,000", few, many)
	}
}
