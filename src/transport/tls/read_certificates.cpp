#include "tls/read_certificates.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace phyllo::transport {

std::vector<bssl::UniquePtr<X509>> read_certificates(std::string_view pem) {
  const bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<bssl::UniquePtr<X509>> out;
  while (X509* x = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) out.emplace_back(x);  // ends with the text
  ERR_clear_error();                                                                              // the end is an error too
  return out;
}

}  // namespace phyllo::transport
