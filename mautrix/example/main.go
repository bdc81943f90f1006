// Command example is a bot for encrypted rooms: it joins where it is invited, and answers every text that
// begins with "!echo ". What it has to remember, its keys too, is in one SQLite file, so that it goes on
// after a restart.
//
//	go build -tags goolm . && PASSWORD=... PICKLE_KEY=... ./example -homeserver https://example.org -user bot
//
// The tag keeps libolm, and with it cgo, out of the build; karst encrypts either way.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	_ "modernc.org/sqlite"

	_ "github.com/karst-im/karst/mautrix/auto" // this line makes karst encrypt
)

func main() {
	homeserver := flag.String("homeserver", "http://localhost:8008", "URL of the homeserver")
	user := flag.String("user", "bot", "name of the bot's account")
	database := flag.String("database", "bot.db", "file to keep keys and state in")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *homeserver, *user, *database); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func run(ctx context.Context, homeserver, user, database string) error {
	client, err := mautrix.NewClient(homeserver, "", "")
	if err != nil {
		return err
	}
	file, err := sql.Open("sqlite", "file:"+database+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		return err
	}
	file.SetMaxOpenConns(5) // with one, mautrix waits for itself
	db, err := dbutil.NewWithDB(file, "sqlite3")
	if err != nil {
		return err
	}
	helper, err := cryptohelper.NewCryptoHelper(client, []byte(os.Getenv("PICKLE_KEY")), db)
	if err != nil {
		return err
	}
	defer helper.Close()
	helper.LoginAs = &mautrix.ReqLogin{
		Type:       mautrix.AuthTypePassword,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: user},
		Password:   os.Getenv("PASSWORD"),
	}
	helper.DecryptErrorCallback = func(evt *event.Event, err error) {
		log.Printf("%s in %s from %s does not decrypt: %v", evt.ID, evt.RoomID, evt.Sender, err)
	}
	if err := helper.Init(ctx); err != nil { // logs in, or goes on as the device it was
		return err
	}
	client.Crypto = helper
	listen(client)
	log.Printf("%s is device %s", client.UserID, client.DeviceID)
	return client.SyncWithContext(ctx)
}

// listen says what is to be done at which event.
func listen(client *mautrix.Client) {
	syncer := client.Syncer.(*mautrix.DefaultSyncer)
	syncer.OnEventType(event.StateMember, func(ctx context.Context, evt *event.Event) {
		if evt.GetStateKey() == client.UserID.String() && evt.Content.AsMember().Membership == event.MembershipInvite {
			if _, err := client.JoinRoomByID(ctx, evt.RoomID); err != nil {
				log.Printf("can't join %s: %v", evt.RoomID, err)
			}
		}
	})
	syncer.OnEventType(event.EventMessage, func(ctx context.Context, evt *event.Event) {
		message := evt.Content.AsMessage()
		text, ok := strings.CutPrefix(message.Body, "!echo ")
		// An answer that nobody asked for in this room's encryption would let the server put words in.
		if !ok || evt.Sender == client.UserID || !evt.Mautrix.WasEncrypted || message.MsgType != event.MsgText {
			return
		}
		if _, err := client.SendText(ctx, evt.RoomID, text); err != nil { // encrypted, by client.Crypto
			log.Printf("can't answer in %s: %v", evt.RoomID, err)
		}
	})
}
