// Command room is one member of the room in room.sh: a mautrix-go client that does what it is told on
// standard input, one JSON object a line, and answers each with one on standard output.
package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"sync"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite"

	karst "github.com/karst-im/karst/mautrix"
)

type command struct {
	Do    string    `json:"do"` // join, members, say, history, export, import
	Room  id.RoomID `json:"room"`
	Texts []string  `json:"texts"`
	Path  string    `json:"path"`
}

type answer struct {
	Texts  []string `json:"texts,omitempty"`
	Failed int      `json:"failed"` // events whose key is missing
	Count  int      `json:"count"`
	Error  string   `json:"error,omitempty"`
	Device string   `json:"device,omitempty"`
}

// reading is a line that answers nothing: a text that came and was decrypted.
type reading struct {
	Sender id.UserID `json:"sender"`
	Read   string    `json:"read"`
}

type member struct {
	client *mautrix.Client
	helper *cryptohelper.CryptoHelper
}

func main() {
	homeserver := flag.String("homeserver", "", "URL of the homeserver")
	user := flag.String("user", "", "name of the account; its password is the same")
	database := flag.String("database", "", "SQLite file")
	driver := flag.String("driver", "", "karst or goolm")
	flag.Parse()
	if *driver == "karst" {
		karst.Register()
	}
	if olm.Driver != *driver {
		log.Fatalf("the driver is %s: this is built with -tags goolm", olm.Driver)
	}
	ctx := context.Background()
	m, err := open(ctx, *homeserver, *user, *database)
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(m.client.SyncWithContext(ctx)) }()
	tell(answer{Device: string(m.client.DeviceID)})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			log.Fatal(err)
		}
		a, err := m.do(ctx, c)
		if err != nil {
			a.Error = err.Error()
		}
		tell(a)
	}
}

var output sync.Mutex

// tell writes a line.
func tell(line any) {
	output.Lock()
	defer output.Unlock()
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		log.Fatal(err)
	}
}

func open(ctx context.Context, homeserver, user, database string) (*member, error) {
	client, err := mautrix.NewClient(homeserver, "", "")
	if err != nil {
		return nil, err
	}
	client.Log = zerolog.New(os.Stderr).With().Timestamp().Logger().Level(zerolog.WarnLevel)
	file, err := sql.Open("sqlite", "file:"+database+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	file.SetMaxOpenConns(5) // with one, mautrix waits for itself
	db, err := dbutil.NewWithDB(file, "sqlite3")
	if err != nil {
		return nil, err
	}
	helper, err := cryptohelper.NewCryptoHelper(client, []byte("pickle key of "+user), db)
	if err != nil {
		return nil, err
	}
	helper.LoginAs = &mautrix.ReqLogin{
		Type:       mautrix.AuthTypePassword,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: user},
		Password:   user,
	}
	m := &member{client: client, helper: helper}
	helper.DecryptErrorCallback = func(evt *event.Event, err error) { log.Printf("%s: %v", evt.ID, err) }
	if err := helper.Init(ctx); err != nil {
		return nil, err
	}
	// A request for a key is answered with silence: mautrix notes a refusal, and then refuses to import that
	// key from a file too.
	helper.Machine().AllowKeyShare = func(context.Context, *id.Device, event.RequestedKeyInfo) *crypto.KeyShareRejection {
		return &crypto.KeyShareRejectNoResponse
	}
	client.Crypto = helper
	syncer := client.Syncer.(*mautrix.DefaultSyncer)
	// More than is sent while a member is away, so that nothing has to be fetched afterwards.
	syncer.FilterJSON = &mautrix.Filter{Room: &mautrix.RoomFilter{Timeline: &mautrix.FilterPart{Limit: 500}}}
	syncer.OnEventType(event.EventMessage, func(_ context.Context, evt *event.Event) {
		if evt.Mautrix.WasEncrypted {
			tell(reading{evt.Sender, evt.Content.AsMessage().Body})
		}
	})
	return m, nil
}

func (m *member) do(ctx context.Context, c command) (a answer, err error) {
	switch c.Do {
	case "say":
		for _, text := range c.Texts {
			if _, err := m.client.SendText(ctx, c.Room, text); err != nil {
				return a, err
			}
			a.Count++
		}
	case "join":
		_, err = m.client.JoinRoomByID(ctx, c.Room)
	case "members": // that this client knows of, in a room that it knows to be encrypted
		encrypted, err := m.client.StateStore.IsEncrypted(ctx, c.Room)
		if err != nil || !encrypted {
			return a, err
		}
		members, err := m.client.StateStore.GetRoomJoinedOrInvitedMembers(ctx, c.Room)
		a.Count = len(members)
		return a, err
	case "history":
		return m.history(ctx, c.Room)
	case "export":
		sessions, err := m.helper.Machine().CryptoStore.GetAllGroupSessions(ctx).AsList()
		if err != nil {
			return a, err
		}
		exported, err := crypto.ExportKeys("passphrase", sessions)
		if err != nil {
			return a, err
		}
		a.Count = len(sessions)
		return a, os.WriteFile(c.Path, exported, 0o600)
	case "import":
		exported, err := os.ReadFile(c.Path)
		if err != nil {
			return a, err
		}
		// mautrix insists on the line break at the end, which matrix-nio leaves out.
		exported = append(bytes.TrimRight(exported, "\n"), '\n')
		var all int
		a.Count, all, err = m.helper.Machine().ImportKeys(ctx, "passphrase", exported)
		a.Failed = all - a.Count
		return a, err
	default:
		err = fmt.Errorf("unknown command %q", c.Do)
	}
	return a, err
}

// history reads the whole room from the server.
func (m *member) history(ctx context.Context, room id.RoomID) (a answer, err error) {
	from := ""
	for {
		page, err := m.client.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, 200)
		if err != nil {
			return a, err
		}
		for _, evt := range page.Chunk {
			if evt.Type.Type != event.EventEncrypted.Type {
				continue
			}
			evt.Type.Class = event.MessageEventType
			evt.RoomID = room
			if err := evt.Content.ParseRaw(evt.Type); err != nil {
				return a, err
			}
			decrypted, err := m.helper.Decrypt(ctx, evt)
			switch {
			case err == nil:
				a.Texts = append(a.Texts, decrypted.Content.AsMessage().Body)
			case errors.Is(err, crypto.ErrNoSessionFound), errors.Is(err, olm.ErrUnknownMessageIndex):
				a.Failed++
			default:
				return a, err
			}
		}
		if page.End == "" || len(page.Chunk) == 0 {
			return a, nil
		}
		from = page.End
	}
}
