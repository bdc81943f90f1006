// Command generate has the programs of peers write pickles, and collects these with what must work once they are read:
//
//	generate -out FILE -description TEXT NAME=PROGRAM...
//
// NAME is the writer's name and version. Of one that ends in a star only a few pickles are taken: of versions between
// which nothing changed that is written. generate.sh builds the programs and calls this.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"log"
	"os"
	"strings"
)

type file struct {
	Format      int           `json:"format"`
	Description string        `json:"description"`
	Accounts    []*account    `json:"accounts"`
	Sessions    []*session    `json:"sessions,omitempty"`
	Outbound    []*outbound   `json:"outbound_groups,omitempty"`
	Inbound     []*inbound    `json:"inbound_groups,omitempty"`
	Decryptions []*decryption `json:"pk_decryptions,omitempty"`
}

func main() {
	log.SetFlags(0)
	out := flag.String("out", "", "file to write")
	description := flag.String("description", "", "what the file says of itself")
	flag.Parse()
	if *out == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	f := &file{Format: 1, Description: *description}
	for _, argument := range flag.Args() {
		name, program, ok := strings.Cut(argument, "=")
		if !ok {
			log.Fatalf("%s is not NAME=PROGRAM", argument)
		}
		f.add(name, program)
	}
	if err := os.WriteFile(*out, f.encode(), 0o666); err != nil {
		log.Fatal(err)
	}
	log.Printf("%s: %d accounts, %d pairs of sessions, %d + %d group sessions, %d PK decryptions", *out,
		len(f.Accounts), len(f.Sessions), len(f.Outbound), len(f.Inbound), len(f.Decryptions))
}

// add takes the pickles of one writer.
func (f *file) add(name, program string) {
	p := start(name, program)
	f.accounts(p)
	if p.has.sessions {
		f.sessions(p)
		f.groups(p)
	}
	f.decryptions(p)
	p.stop()
}

// encode writes a case to a line.
func (f *file) encode() []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(f); err != nil {
		log.Fatal(err)
	}
	text := out.Bytes()
	for _, cut := range []string{`,{"writer"`, `[{"writer"`} {
		text = bytes.ReplaceAll(text, []byte(cut), []byte(cut[:1]+"\n"+cut[1:]))
	}
	return text
}
