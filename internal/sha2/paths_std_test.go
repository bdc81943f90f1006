//go:build !purego && !goexperiment.boringcrypto

package sha2

func init() {
	blocks256["standard library"] = block256Std
	sums512["standard library"] = sum512Std
}
