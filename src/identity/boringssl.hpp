// Owners of BoringSSL's objects and small conversions, for this tier's own files.
#pragma once

#include <openssl/base.h>
#include <openssl/bio.h>
#include <openssl/bytestring.h>
#include <openssl/evp.h>
#include <openssl/mem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/time.hpp"

#ifndef OPENSSL_IS_BORINGSSL
#error "these are not BoringSSL's headers"
#endif

namespace phyllo::identity {

[[nodiscard]] std::shared_ptr<EVP_PKEY> share(EVP_PKEY* key);  // takes the reference
[[nodiscard]] std::shared_ptr<X509> share(X509* x);            // takes the reference

// A view of PEM text to read from; the text must outlive it.
[[nodiscard]] bssl::UniquePtr<BIO> reading(std::string_view text);
[[nodiscard]] std::string written(BIO* memory);

[[nodiscard]] bssl::UniquePtr<X509> x509_from_der(core::byte_view der);  // null: not exactly one certificate
[[nodiscard]] bssl::UniquePtr<X509> x509_from_pem(std::string_view pem);
[[nodiscard]] core::bytes x509_der(X509* x);
[[nodiscard]] std::string x509_pem(X509* x);

[[nodiscard]] bssl::UniquePtr<EVP_PKEY> key_from_pem(std::string_view pem);  // any kind of key; null: none
[[nodiscard]] std::string key_pem(EVP_PKEY* key);                            // PKCS#8

[[nodiscard]] core::wall_time from_asn1(const ASN1_TIME* t);
void set_validity(X509* x, core::wall_time from, core::wall_time to);
void set_random_serial(X509* x);

// What BoringSSL last complained of on this thread; clears its queue.
[[nodiscard]] std::string library_error();

// For what fails only when memory is exhausted or our own code is wrong.
void must(int ok);

template <class T>
T* must(T* p) {
  must(p != nullptr ? 1 : 0);
  return p;
}

}  // namespace phyllo::identity
