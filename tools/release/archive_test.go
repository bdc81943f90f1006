package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// tree makes a folder with files that are older or newer, and may be written by others or not.
func tree(t *testing.T, age time.Duration, mode os.FileMode) string {
	t.Helper()
	folder := t.TempDir()
	write(t, folder, "lib/libolm.so.3.2.16", "library")
	write(t, folder, "include/olm/olm.h", "header")
	if err := os.Symlink("libolm.so.3.2.16", filepath.Join(folder, "lib/libolm.so.3")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(folder, "include/olm/olm.h"), 0o600|mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(folder, "lib/libolm.so.3.2.16"), 0o700|mode); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-age)
	if err := os.Chtimes(filepath.Join(folder, "include/olm/olm.h"), at, at); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestArchive(t *testing.T) {
	date := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	out := t.TempDir()
	for name, folder := range map[string]string{"a": tree(t, 0, 0o066), "b": tree(t, time.Hour, 0)} {
		if err := writeArchive(filepath.Join(out, name), folder, "olm-1.2.3", date); err != nil {
			t.Fatal(err)
		}
	}
	archive := read(t, out, "a")
	if archive != read(t, out, "b") {
		t.Error("the archive depends on when and by whom its files were made")
	}
	z, err := gzip.NewReader(bytes.NewReader([]byte(archive)))
	if err != nil {
		t.Fatal(err)
	}
	if !z.ModTime.IsZero() || z.Name != "" {
		t.Errorf("the compression has a time, %v, or a name, %q", z.ModTime, z.Name)
	}
	var got string
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "" || !h.ModTime.Equal(date) {
			t.Errorf("%s: %+v", h.Name, h)
		}
		got += fmt.Sprintf("%c %o %s %s%s\n", h.Typeflag, h.Mode, h.Name, data, h.Linkname)
	}
	const want = `5 755 olm-1.2.3/ 
5 755 olm-1.2.3/include/ 
5 755 olm-1.2.3/include/olm/ 
0 644 olm-1.2.3/include/olm/olm.h header
5 755 olm-1.2.3/lib/ 
2 777 olm-1.2.3/lib/libolm.so.3 libolm.so.3.2.16
0 755 olm-1.2.3/lib/libolm.so.3.2.16 library
`
	if got != want {
		t.Errorf("the archive has\n%snot\n%s", got, want)
	}
	if err := writeArchive(filepath.Join(out, "c"), filepath.Join(out, "nothing"), "x", date); err == nil {
		t.Error("a folder that is not there was packed")
	}
}

func TestSums(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "b", "")
	write(t, folder, "a", "abc")
	// FIPS 180-4's example, and the hash of nothing.
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n" +
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n"
	if got, err := writeSums(folder); err != nil || got != want || read(t, folder, "SHA256SUMS") != want {
		t.Errorf("%v\n%s", err, got)
	}
}
