package cabi

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/wire"
)

// exported is a function of the C interface: the kind of object that it is called on, none if it looks at
// no object, and the method that it calls.
type exported struct{ kind, method string }

// exports returns all functions of the C interface, out of the source of package export, which only TinyGo
// compiles.
func exports(t *testing.T) map[string]exported {
	t.Helper()
	files, err := filepath.Glob("export/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no sources", err)
	}
	declared := map[string]*ast.FuncDecl{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				declared[f.Name.Name] = f
			}
		}
	}
	all := map[string]exported{}
	for _, f := range declared {
		if f.Doc == nil {
			continue
		}
		for _, line := range f.Doc.List {
			if name, ok := strings.CutPrefix(line.Text, "//export "); ok {
				all[name] = calledBy(f, declared)
			}
		}
	}
	if len(all) != 150+2 { // libolm's, and what olm.wasm has besides
		t.Fatalf("%d functions", len(all))
	}
	return all
}

// calledBy finds cabi.At[cabi.KIND](p).METHOD(...) in f, the outermost if there are several, or in what f
// calls.
func calledBy(f *ast.FuncDecl, declared map[string]*ast.FuncDecl) (e exported) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || e.kind != "" {
			return e.kind == ""
		}
		if local, ok := call.Fun.(*ast.Ident); ok && declared[local.Name] != nil {
			e = calledBy(declared[local.Name], declared)
		} else if method, ok := call.Fun.(*ast.SelectorExpr); ok {
			if at, ok := method.X.(*ast.CallExpr); ok {
				if generic, ok := at.Fun.(*ast.IndexExpr); ok && generic.X.(*ast.SelectorExpr).Sel.Name == "At" {
					e = exported{generic.Index.(*ast.SelectorExpr).Sel.Name, method.Sel.Name}
				}
			}
		}
		return e.kind == ""
	})
	return e
}

// kinds make an object of each kind that was constructed and not set up, and give its memory.
var kinds = map[string]func() (any, []byte){
	"Account":              func() (any, []byte) { o := create[Account](); return o, bytesOf(o) },
	"Session":              func() (any, []byte) { o := create[Session](); return o, bytesOf(o) },
	"Utility":              func() (any, []byte) { o := create[Utility](); return o, bytesOf(o) },
	"InboundGroupSession":  func() (any, []byte) { o := create[InboundGroupSession](); return o, bytesOf(o) },
	"OutboundGroupSession": func() (any, []byte) { o := create[OutboundGroupSession](); return o, bytesOf(o) },
	"PKEncryption":         func() (any, []byte) { o := create[PKEncryption](); return o, bytesOf(o) },
	"PKDecryption":         func() (any, []byte) { o := create[PKDecryption](); return o, bytesOf(o) },
	"PKSigning":            func() (any, []byte) { o := create[PKSigning](); return o, bytesOf(o) },
	"SAS":                  func() (any, []byte) { o := create[SAS](); return o, bytesOf(o) },
}

// out is an argument that the method writes to.
type out []byte

// use is a call on an object that was never set up: it is refused for a reason and writes nothing, or it is
// allowed to go on because of what it is.
type use struct {
	args    []any
	refused errcode.Code
	allowed string
}

// What is allowed.
const (
	setsUp    = "sets the object up"
	asksError = "tells of the last failure"
	asks      = "tells a length, a count, a flag or a public key, of which there are none yet: zeros, as libolm's"
	ownRandom = "makes or marks one-time keys, from random bytes alone"
	stores    = "stores that there is nothing: libolm's tests do it, and so may its users"
	noKeys    = "has no secret"
)

// uses has every function that looks at an object, with arguments that an object which is set up takes.
func uses(t *testing.T) map[string]use {
	t.Helper()
	room := func() out { return bytes.Repeat([]byte{guard}, 3000) }
	text := func(b []byte) []byte { return wire.AppendText(nil, b) }
	g, in := newGroup(t)
	sessionKey := text64(t, SessionKeyLen(), g.Key)
	groupMessage := text64(t, g.EncryptMessageLen(5), func(b []byte) uint { return g.Encrypt([]byte("hello"), b) })
	exportedKey := text64(t, ExportLen(), func(b []byte) uint { return in.Export(b, 0) })
	alice, bob := newAccount(t, 1), newAccount(t, 2)
	bob.GenerateOneTimeKeys(1, random(32, 3))
	identity := []byte(identityKeys(t, bob).Curve25519)
	from := []byte(identityKeys(t, alice).Curve25519)
	oneTime := []byte(oneTimeKeys(t, bob.OneTimeKeysLen(), bob.OneTimeKeys)["AAAAAQ"])
	s := create[Session]()
	succeeds(t, s.CreateOutbound(alice, identity, oneTime, random(64, 4)), 0)
	_, preKey := encrypt(t, s, []byte("hello"))
	pickleOf := func(n uint, pickle func(key, out []byte) uint) []byte {
		return text64(t, n, func(b []byte) uint { return pickle(nil, b) })
	}
	d := create[PKDecryption]()
	pkKey := text64(t, PKKeyLen, func(b []byte) uint { return d.KeyFromPrivate(b, random(32, 5)) + PKKeyLen })
	none := []byte{}
	m := []byte("message")
	return map[string]use{
		"olm_account_last_error":                      {nil, 0, asksError},
		"olm_account_last_error_code":                 {nil, 0, asksError},
		"olm_pickle_account_length":                   {nil, 0, asks},
		"olm_pickle_account":                          {[]any{none, room()}, 0, stores},
		"olm_unpickle_account":                        {[]any{none, pickleOf(alice.PickleLen(), alice.Pickle)}, 0, setsUp},
		"olm_create_account":                          {[]any{random(64, 6)}, 0, setsUp},
		"olm_account_identity_keys":                   {[]any{room()}, 0, asks},
		"olm_account_sign":                            {[]any{m, room()}, errcode.BadAccountKey, ""},
		"olm_account_one_time_keys_length":            {nil, 0, asks},
		"olm_account_one_time_keys":                   {[]any{room()}, 0, asks},
		"karst_account_dropped_keys":                  {[]any{200, room()}, 0, asks},
		"olm_account_mark_keys_as_published":          {nil, 0, ownRandom},
		"olm_account_generate_one_time_keys":          {[]any{uint(1), random(32, 7)}, 0, ownRandom},
		"olm_account_generate_fallback_key":           {[]any{random(32, 8)}, 0, ownRandom},
		"olm_account_fallback_key_length":             {[]any{true}, 0, asks},
		"olm_account_fallback_key":                    {[]any{true, room()}, 0, asks},
		"olm_account_unpublished_fallback_key_length": {[]any{false}, 0, asks},
		"olm_account_unpublished_fallback_key":        {[]any{false, room()}, 0, asks},
		"olm_account_forget_old_fallback_key":         {nil, 0, ownRandom},
		"olm_remove_one_time_keys":                    {[]any{s}, errcode.BadMessageKeyID, ""},
		"olm_session_last_error":                      {nil, 0, asksError},
		"olm_session_last_error_code":                 {nil, 0, asksError},
		"olm_pickle_session_length":                   {nil, 0, asks},
		"olm_pickle_session":                          {[]any{none, room()}, 0, stores},
		"olm_unpickle_session":                        {[]any{none, pickleOf(s.PickleLen(), s.Pickle)}, 0, setsUp},
		"olm_create_outbound_session":                 {[]any{alice, identity, oneTime, random(64, 9)}, 0, setsUp},
		"olm_create_inbound_session":                  {[]any{bob, bytes.Clone(preKey)}, 0, setsUp},
		"olm_create_inbound_session_from":             {[]any{bob, from, bytes.Clone(preKey)}, 0, setsUp},
		"olm_session_id":                              {[]any{room()}, 0, asks},
		"olm_session_has_received_message":            {nil, 0, asks},
		"olm_session_describe":                        {[]any{room()}, 0, asks},
		"olm_matches_inbound_session":                 {[]any{bytes.Clone(preKey)}, 0, asks},
		"olm_matches_inbound_session_from":            {[]any{from, bytes.Clone(preKey)}, 0, asks},
		"olm_encrypt_message_type":                    {nil, 0, asks},
		"olm_encrypt_random_length":                   {nil, 0, asks},
		"olm_encrypt_message_length":                  {[]any{uint(5)}, 0, asks},
		"olm_encrypt":                                 {[]any{m, random(32, 10), room()}, errcode.CorruptedPickle, ""},
		"olm_decrypt_max_plaintext_length":            {[]any{uint(0), bytes.Clone(preKey)}, 0, asks},
		"olm_decrypt":                                 {[]any{uint(0), bytes.Clone(preKey), room()}, errcode.BadMessageMAC, ""},
		"olm_utility_last_error":                      {nil, 0, asksError},
		"olm_utility_last_error_code":                 {nil, 0, asksError},
		"olm_sha256":                                  {[]any{m, room()}, 0, noKeys},
		"karst_pre_key_session_id":                    {[]any{m, room()}, 0, noKeys},
		"olm_ed25519_verify":                          {[]any{identity, m, text(random(64, 11))}, 0, noKeys},
		"olm_inbound_group_session_last_error":        {nil, 0, asksError},
		"olm_inbound_group_session_last_error_code":   {nil, 0, asksError},
		"olm_pickle_inbound_group_session":            {[]any{none, room()}, 0, stores},
		"olm_unpickle_inbound_group_session":          {[]any{none, pickleOf(InboundGroupPickleLen(), in.Pickle)}, 0, setsUp},
		"olm_init_inbound_group_session":              {[]any{sessionKey}, 0, setsUp},
		"olm_import_inbound_group_session":            {[]any{exportedKey}, 0, setsUp},
		"olm_group_decrypt_max_plaintext_length":      {[]any{bytes.Clone(groupMessage)}, 0, asks},
		"olm_group_decrypt":                           {[]any{bytes.Clone(groupMessage), room(), (*uint32)(nil)}, errcode.BadSignature, ""},
		"olm_inbound_group_session_id":                {[]any{room()}, 0, asks},
		"olm_inbound_group_session_first_known_index": {nil, 0, asks},
		"olm_inbound_group_session_is_verified":       {nil, 0, asks},
		"olm_export_inbound_group_session":            {[]any{room(), uint32(0)}, errcode.UnknownMessageIndex, ""},
		"olm_outbound_group_session_last_error":       {nil, 0, asksError},
		"olm_outbound_group_session_last_error_code":  {nil, 0, asksError},
		"olm_pickle_outbound_group_session":           {[]any{none, room()}, 0, stores},
		"olm_unpickle_outbound_group_session":         {[]any{none, pickleOf(OutboundGroupPickleLen(), g.Pickle)}, 0, setsUp},
		"olm_init_outbound_group_session":             {[]any{random(InitOutboundGroupRandomLen, 12)}, 0, setsUp},
		"olm_group_encrypt_message_length":            {[]any{uint(5)}, 0, asks},
		"olm_group_encrypt":                           {[]any{m, room()}, errcode.BadSessionKey, ""},
		"olm_outbound_group_session_id":               {[]any{room()}, 0, asks},
		"olm_outbound_group_session_message_index":    {nil, 0, asks},
		"olm_outbound_group_session_key":              {[]any{room()}, errcode.BadSessionKey, ""},
		"olm_pk_encryption_last_error":                {nil, 0, asksError},
		"olm_pk_encryption_last_error_code":           {nil, 0, asksError},
		"olm_pk_encryption_set_recipient_key":         {[]any{pkKey}, 0, setsUp},
		"olm_pk_encrypt":                              {[]any{m, room(), room(), room(), random(32, 13)}, errcode.InvalidBase64, ""},
		"olm_pk_decryption_last_error":                {nil, 0, asksError},
		"olm_pk_decryption_last_error_code":           {nil, 0, asksError},
		"olm_pk_key_from_private":                     {[]any{room(), random(32, 14)}, 0, setsUp},
		"olm_pk_generate_key":                         {[]any{room(), random(32, 15)}, 0, setsUp},
		"olm_pickle_pk_decryption":                    {[]any{none, room()}, 0, stores},
		"olm_unpickle_pk_decryption":                  {[]any{none, pickleOf(PKPickleLen(), d.Pickle), room()}, 0, setsUp},
		"olm_pk_decrypt":                              {[]any{pkKey, text(random(8, 16)), text(random(32, 17)), room()}, errcode.BadAccountKey, ""},
		"olm_pk_get_private_key":                      {[]any{room()}, errcode.BadAccountKey, ""},
		"olm_pk_signing_last_error":                   {nil, 0, asksError},
		"olm_pk_signing_last_error_code":              {nil, 0, asksError},
		"olm_pk_signing_key_from_seed":                {[]any{room(), random(32, 18)}, 0, setsUp},
		"olm_pk_sign":                                 {[]any{m, room()}, errcode.BadAccountKey, ""},
		"olm_sas_last_error":                          {nil, 0, asksError},
		"olm_sas_last_error_code":                     {nil, 0, asksError},
		"olm_create_sas":                              {[]any{random(32, 19)}, 0, setsUp},
		"olm_sas_get_pubkey":                          {[]any{room()}, 0, asks},
		"olm_sas_set_their_key":                       {[]any{pkKey}, errcode.BadAccountKey, ""},
		"olm_sas_is_their_key_set":                    {nil, 0, asks},
		"olm_sas_generate_bytes":                      {[]any{m, room()}, errcode.SASTheirKeyNotSet, ""},
		"olm_sas_calculate_mac":                       {[]any{MAC, m, m, room()}, errcode.SASTheirKeyNotSet, ""},
		"olm_sas_calculate_mac_fixed_base64":          {[]any{MACFixedBase64, m, m, room()}, errcode.SASTheirKeyNotSet, ""},
		"olm_sas_calculate_mac_long_kdf":              {[]any{MACLongKDF, m, m, room()}, errcode.SASTheirKeyNotSet, ""},
	}
}

// emptied returns o as it comes back from its own pickle, if it has one.
func emptied(t *testing.T, o any) {
	t.Helper()
	pickled := make([]byte, 20_000)
	ok := func(n uint) []byte {
		if n == Error {
			t.Fatal("what was never set up has no pickle")
		}
		return pickled[:n]
	}
	var result uint
	switch o := o.(type) {
	case *Account:
		result = o.Unpickle(nil, ok(o.Pickle(nil, pickled)))
	case *Session:
		result = o.Unpickle(nil, ok(o.Pickle(nil, pickled)))
	case *InboundGroupSession:
		result = o.Unpickle(nil, ok(o.Pickle(nil, pickled)))
	case *OutboundGroupSession:
		result = o.Unpickle(nil, ok(o.Pickle(nil, pickled)))
	case *PKDecryption:
		result = o.Unpickle(nil, ok(o.Pickle(nil, pickled)), nil)
	}
	if result == Error {
		t.Fatal("the pickle of what was never set up is refused")
	}
}

// TestNeverSetUp calls every function of the C interface on objects that were constructed and nothing else,
// and on such as come from the pickle of one: whatever would use a key of zeros is refused.
func TestNeverSetUp(t *testing.T) {
	all := exports(t)
	refused, allowed := 0, 0
	for _, how := range []string{"constructed", "unpickled"} {
		table := uses(t)
		for name, e := range all {
			u, listed := table[name]
			if e.kind == "" {
				if listed {
					t.Errorf("%s looks at no object", name)
				}
				continue
			}
			if !listed {
				t.Errorf("%s: what does it do with an object that was never set up?", name)
				continue
			}
			delete(table, name)
			object, memory := kinds[e.kind]()
			if how == "unpickled" {
				emptied(t, object)
			}
			before := bytes.Clone(memory)
			method := reflect.ValueOf(object).MethodByName(e.method)
			var args []reflect.Value
			for i, arg := range u.args {
				args = append(args, reflect.ValueOf(arg).Convert(method.Type().In(i)))
			}
			results := method.Call(args)
			if u.allowed != "" {
				allowed++
				if u.allowed != setsUp && u.allowed != ownRandom && !bytes.Equal(before[1:], memory[1:]) {
					t.Errorf("%s, %s: %s, but the object has changed", name, how, u.allowed)
				}
				if u.allowed == setsUp && (bytes.Equal(before, memory) || len(results) != 1 || results[0].Interface() == Error) {
					t.Errorf("%s, %s: it does not set the object up", name, how)
				}
				continue
			}
			refused++
			if got := object.(reasons).LastErrorCode(); results[0].Interface() != Error || got != u.refused {
				t.Errorf("%s, %s: result %v, reason %s, want an error and %s", name, how, results[0], ErrorName(uint32(got)), ErrorName(uint32(u.refused)))
			}
			if !bytes.Equal(before[1:], memory[1:]) { // the reason is at the front
				t.Errorf("%s, %s: the object has changed", name, how)
			}
			for i, arg := range u.args {
				if written, ok := arg.(out); ok && !bytes.Equal(written, bytes.Repeat([]byte{guard}, len(written))) {
					t.Errorf("%s, %s: argument %d was written to", name, how, i)
				}
			}
		}
		for name := range table {
			t.Errorf("there is no function %s", name)
		}
	}
	t.Logf("%d calls on objects that were never set up are refused, %d use no secret", refused, allowed)
}

// TestNeverCreatedAccount: sessions have their keys from an account, and one that was never created may have
// one-time keys.
func TestNeverCreatedAccount(t *testing.T) {
	none, alice := create[Account](), newAccount(t, 1)
	none.GenerateOneTimeKeys(1, random(32, 3))
	oneTime := []byte(oneTimeKeys(t, none.OneTimeKeysLen(), none.OneTimeKeys)["AAAAAQ"])
	identity := []byte(identityKeys(t, alice).Curve25519) // of anybody: the recipient's own is not in a message
	s := create[Session]()
	succeeds(t, s.CreateOutbound(alice, identity, oneTime, random(64, 4)), 0)
	_, m := encrypt(t, s, []byte("hello"))

	in := create[Session]()
	before := bytes.Clone(bytesOf(in))[1:]
	fails(t, in, in.CreateInbound(none, bytes.Clone(m)), errcode.BadAccountKey)
	fails(t, in, in.CreateInboundFrom(none, identity, bytes.Clone(m)), errcode.BadAccountKey)
	fails(t, in, in.CreateOutbound(none, identity, oneTime, random(64, 5)), errcode.BadAccountKey)
	if !bytes.Equal(bytesOf(in)[1:], before) {
		t.Error("a session that is refused has changed")
	}
	succeeds(t, none.Create(random(64, 6)), 0)
	succeeds(t, in.CreateInbound(none, m), 0)
}
