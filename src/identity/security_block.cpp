#include "security_block.hpp"

namespace phyllo::identity {
namespace {

constexpr std::uint8_t x509_type = 0;         // CertificateType of RFC 6091
constexpr std::size_t certificates_max = 16;  // a document needs one

std::optional<std::vector<certificate>> read_certificates(core::byte_view data) {
  core::wire_reader r(data);
  std::vector<certificate> all;
  while (!r.empty()) {  // ends with the list, or where the reader fails
    const auto type = r.u8();
    const auto der = r.opaque(2);
    if (!r.ok() || all.size() == certificates_max) return std::nullopt;
    auto c = certificate::from_der(der);
    if (type == x509_type && c) all.push_back(*std::move(c));
  }
  if (!r.ok()) return std::nullopt;
  return all;
}

}  // namespace

security_block security_block::sign(const credential& by, std::string_view data, bool with_certificate) {
  security_block b;
  if (with_certificate) b.certificates.push_back(by.certificate);
  b.signature = identity::sign(by, {core::as_bytes(data)});
  return b;
}

std::string security_block::base64() const {
  core::bytes out;
  core::wire_writer w(out);
  const auto list = w.open(2);
  for (const auto& c : certificates) {
    w.u8(x509_type);
    w.opaque(2, c.der());
  }
  w.close(list);
  signature.write(w);
  return core::to_base64(out);
}

std::optional<security_block> security_block::parse(std::string_view base64) {
  const auto data = core::from_base64(base64);
  if (!data) return std::nullopt;
  core::wire_reader r(*data);
  auto certificates = read_certificates(r.opaque(2));
  auto signature = identity::signature::read(r);
  if (!certificates || !r.done()) return std::nullopt;
  return security_block{*std::move(certificates), std::move(signature)};
}

}  // namespace phyllo::identity
