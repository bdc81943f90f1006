//go:build !goolmpk

package main

import (
	"fmt"

	"github.com/karst-im/karst/vectors/peers/internal/call"
)

func doPK(q call.Request) (call.Response, error) {
	return call.Response{}, fmt.Errorf("no such operation: %s", q.Op)
}

func pkObject(name string) (pickler, error) { return nil, fmt.Errorf("no such object: %s", name) }
