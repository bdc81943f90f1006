package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"strings"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

// pickleKey is what all pickles are encrypted under.
var pickleKey = call.Bytes("key of the pickles")

// peer is a running program. Its objects have numbers behind their names, so that none is used twice.
type peer struct {
	writer  string
	command *exec.Cmd
	to      io.WriteCloser
	from    *bufio.Reader
	objects int
	has     struct{ sessions, json bool }
	few     bool // of its pickles are wanted
}

func start(writer, program string) *peer {
	p := &peer{command: exec.Command(program)}
	p.writer, p.few = strings.CutSuffix(writer, "*")
	p.command.Stderr = os.Stderr
	var err error
	if p.to, err = p.command.StdinPipe(); err != nil {
		log.Fatal(err)
	}
	from, err := p.command.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	p.from = bufio.NewReader(from)
	if err := p.command.Start(); err != nil {
		log.Fatal(err)
	}
	out := p.name("out")
	_, err = p.try(call.Request{Op: "group_out", Object: out})
	if p.has.sessions = err == nil; p.has.sessions {
		_, err = p.try(call.Request{Op: "pickle", Object: out, Format: "json", Bytes: pickleKey})
		p.has.json = err == nil
	}
	return p
}

func (p *peer) stop() {
	if err := p.to.Close(); err != nil {
		log.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		log.Fatal(p.writer, ": ", err)
	}
}

func (p *peer) name(kind string) string {
	p.objects++
	return fmt.Sprint(kind, p.objects)
}

// do asks for what must succeed.
func (p *peer) do(q call.Request) call.Response {
	r, err := p.try(q)
	if err != nil {
		log.Fatalf("%s: %s %s: %v", p.writer, q.Op, q.Object, err)
	}
	return r
}

// try asks for what may fail.
func (p *peer) try(q call.Request) (r call.Response, err error) {
	line, err := json.Marshal(q)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := p.to.Write(append(line, '\n')); err != nil {
		log.Fatal(p.writer, ": ", err)
	}
	answer, err := p.from.ReadBytes('\n')
	if err != nil {
		log.Fatal(p.writer, ": ", err)
	}
	if err := json.Unmarshal(answer, &r); err != nil {
		log.Fatal(p.writer, ": ", err)
	}
	if r.Error != "" {
		return r, fmt.Errorf("%s", r.Error)
	}
	return r, nil
}

// written are the pickles of one state.
type written struct {
	Pickle string `json:"pickle"`
	JSON   string `json:"json,omitempty"` // in the format that goolm had besides
}

// pickle has an object written; in the other format too if withJSON and there is one.
func (p *peer) pickle(object string, withJSON bool) (w written) {
	w.Pickle = p.do(call.Request{Op: "pickle", Object: object, Bytes: pickleKey}).Text
	if withJSON && p.has.json {
		w.JSON = p.do(call.Request{Op: "pickle", Object: object, Bytes: pickleKey, Format: "json"}).Text
	}
	return w
}

// kept has the writer itself read its pickles, each time anew, and reports after which of them the operation works.
func (p *peer) kept(object string, w written, works func() bool) (k kept) {
	p.do(call.Request{Op: "unpickle", Object: object, Bytes: pickleKey, Text: w.Pickle})
	k.Kept = works()
	if w.JSON != "" {
		p.do(call.Request{Op: "unpickle", Object: object, Bytes: pickleKey, Text: w.JSON, Format: "json"})
		k.KeptJSON = works()
	}
	return k
}

// kept says whether something works after the writer has read its own pickle.
type kept struct {
	Kept     bool `json:"kept"`
	KeptJSON bool `json:"kept_json,omitempty"`
}
