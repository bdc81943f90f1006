package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// moduleRoot returns the folder of the module that the working directory belongs to.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	mod := strings.TrimSpace(string(out))
	if filepath.Base(mod) != "go.mod" {
		return "", errors.New("not inside of the module")
	}
	return filepath.Dir(mod), nil
}

// leftOut are the folders that no gate needs.
var leftOut = map[string]bool{".git": true, "node_modules": true, "capi/dist": true, "wasm/dist": true}

// copyModule copies the module, with what is not committed, to a new folder.
func copyModule(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // somebody's temporary file
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (leftOut[filepath.ToSlash(name)] || leftOut[d.Name()]):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		return copyFile(path, filepath.Join(to, name))
	})
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// applicable checks that the text of each change occurs exactly once, and that no two changes are the same.
func applicable(root string, all []mutation) error {
	var errs []error
	seen := map[mutationKey]bool{}
	for _, m := range all {
		text, err := os.ReadFile(filepath.Join(root, m.file))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if lines := strings.Split(string(text), "\n"); m.line > 0 {
			if m.line > len(lines) || lines[m.line-1] != m.old {
				errs = append(errs, fmt.Errorf("%s: %s: line %d is not %q", m.file, m.name, m.line, m.old))
			}
		} else if n := strings.Count(string(text), m.old); n != 1 {
			errs = append(errs, fmt.Errorf("%s: %s: the text occurs %d times: %q", m.file, m.name, n, m.old))
		}
		key := mutationKey{m.file, m.old, m.new, m.line}
		if m.old == m.new || seen[key] {
			errs = append(errs, fmt.Errorf("%s: %s: changes nothing, or is listed twice", m.file, m.name))
		}
		seen[key] = true
	}
	return errors.Join(errs...)
}

type mutationKey struct {
	file, old, new string
	line           int
}

// apply makes the change in the module at root, and returns a function that takes it back.
func (m *mutation) apply(root string) (undo func() error, err error) {
	path := filepath.Join(root, m.file)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	changed := strings.Replace(string(text), m.old, m.new, 1)
	if m.line > 0 {
		lines := strings.Split(string(text), "\n")
		lines[m.line-1] = m.new
		changed = strings.Join(lines, "\n")
	}
	return func() error { return os.WriteFile(path, text, 0o644) }, os.WriteFile(path, []byte(changed), 0o644)
}
