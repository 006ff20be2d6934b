// A BIO over memory, for TLS (a byte stream) and DTLS (datagrams keep their bounds): what makes the engine pure.
// Debian's BoringSSL has no BIO_s_datagram, and BIO_s_mem merges datagrams.
#pragma once

#include <openssl/bio.h>

#include <memory>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/fifo.hpp"

namespace phyllo::transport {

struct memory_pipe {
  bool datagrams = false;
  core::fifo<core::bytes> input;    // fed by us, read by BoringSSL
  std::size_t consumed = 0;         // of input's front (streams only)
  std::vector<core::bytes> output;  // written by BoringSSL, taken by us; one element a datagram, or one in all
};

using bio_method = std::shared_ptr<BIO_METHOD>;  // a BIO needs its method to the end
[[nodiscard]] bio_method make_memory_method();

// `pipe` must outlive the BIO.
[[nodiscard]] BIO* make_memory_bio(const BIO_METHOD* method, memory_pipe& pipe);

}  // namespace phyllo::transport
