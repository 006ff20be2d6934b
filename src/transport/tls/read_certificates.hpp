// All certificates of a PEM text.
#pragma once

#include <openssl/x509.h>

#include <string_view>
#include <vector>

namespace phyllo::transport {

[[nodiscard]] std::vector<bssl::UniquePtr<X509>> read_certificates(std::string_view pem);

}  // namespace phyllo::transport
