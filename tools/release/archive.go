package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// writeArchive writes a .tar.gz of what is in a folder, below a folder of this name. The same contents and time give the
// same bytes: the files come in the order of their names, belong to nobody in particular, and may be executed by all or
// by none.
func writeArchive(file, folder, name string, date time.Time) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	// WalkDir goes in the order of the names.
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		return addFile(t, path, filepath.ToSlash(filepath.Join(name, below)), d, date)
	})
	for _, end := range []func() error{t.Close, z.Close, f.Close} {
		if e := end(); err == nil {
			err = e
		}
	}
	return err
}

func addFile(t *tar.Writer, path, name string, d fs.DirEntry, date time.Time) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: name, Mode: 0o644, ModTime: date, Format: tar.FormatPAX}
	if d.IsDir() || info.Mode()&0o111 != 0 {
		header.Mode = 0o755
	}
	switch d.Type() {
	case fs.ModeDir:
		header.Typeflag, header.Name = tar.TypeDir, name+"/"
		return t.WriteHeader(header)
	case fs.ModeSymlink:
		header.Typeflag, header.Mode = tar.TypeSymlink, 0o777
		if header.Linkname, err = os.Readlink(path); err != nil {
			return err
		}
		return t.WriteHeader(header)
	case 0:
		header.Typeflag, header.Size = tar.TypeReg, info.Size()
		if err := t.WriteHeader(header); err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		_, err = io.Copy(t, f)
		return err
	}
	return fmt.Errorf("%s is neither a file, nor a folder, nor a link", path)
}

// writeSums writes SHA256SUMS, as sha256sum -c reads it, of all files in the folder, and returns what stands in it.
func writeSums(folder string) (string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	var sums strings.Builder
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	return sums.String(), os.WriteFile(filepath.Join(folder, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
