package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain makes a peer of the test binary, if it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "fake-peer" {
		os.Exit(fakePeer(os.Args[2], os.Args[3], strings.Fields(os.Args[4]), os.Args[5]))
	}
	os.Exit(m.Run())
}

// fake returns a peer whose operations answer what is given after their names and a colon. It writes what it is
// asked for into a log.
func fake(name, log string, operations ...string) Peer {
	return Peer{Name: name, Command: []string{os.Args[0], "fake-peer", name, log, strings.Join(operations, " ")}}
}

func fakePeer(name, log string, operations []string, command string) (status int) {
	answers := map[string]string{}
	var names []string
	for _, op := range operations {
		op, answer, _ := strings.Cut(op, ":")
		answers[op] = answer
		names = append(names, op)
	}
	switch command {
	case "list":
		fmt.Println(strings.Join(names, "\n"))
	case "version":
		fmt.Println(name + " " + answers["version"])
	case "memory":
		for _, op := range names {
			if strings.HasPrefix(op, "Memory") {
				fmt.Println(op, answers[op])
			}
		}
	case "serve":
		return serveFakes(name, log, answers)
	default:
		return 2
	}
	return 0
}

func serveFakes(name, log string, answers map[string]string) (status int) {
	requests := bufio.NewScanner(os.Stdin)
	for requests.Scan() {
		op := requests.Text()
		record(log, fmt.Sprintf("%s %s %d", name, op, os.Getpid()))
		switch answers[op] {
		case "die":
			fmt.Fprintln(os.Stderr, "out of luck")
			return 3
		case "error":
			fmt.Println("error: it does not work")
		default:
			fmt.Println(answers[op])
		}
	}
	if _, stubborn := answers["stubborn"]; stubborn {
		time.Sleep(time.Hour)
	}
	return 0
}

func record(log, line string) {
	file, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(file, line)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		panic(err)
	}
}

func logFile(t *testing.T) string { return filepath.Join(t.TempDir(), "log") }

// recorded returns the lines of a log without the processes, and the processes, numbered in the order of their
// first lines.
func recorded(t *testing.T, log string) (lines []string, processes []int) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]int{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if numbers[fields[2]] == 0 {
			numbers[fields[2]] = len(numbers) + 1
		}
		lines = append(lines, fields[0]+" "+fields[1])
		processes = append(processes, numbers[fields[2]])
	}
	return lines, processes
}
