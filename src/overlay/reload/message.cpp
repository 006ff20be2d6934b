#include "reload/message.hpp"

#include <array>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::uint8_t x509 = 0;  // CertificateType of RFC 6091
constexpr std::uint8_t identity_none = 3;

// For the contents and the SecurityBlock of a signer alone: what most messages are.
std::size_t room(const message_contents& m) {
  constexpr std::size_t lengths_and_certificate = 768;
  std::size_t size = m.body.size() + lengths_and_certificate;
  for (const auto& e : m.extensions) size += e.content.size() + 7;
  return size;
}

core::bytes print(const message_contents& m) {
  core::bytes out;
  out.reserve(room(m));
  core::wire_writer w(out);
  w.u16(m.code);
  w.opaque(4, m.body);
  const auto extensions = w.open(4);
  for (const auto& e : m.extensions) {
    w.u16(e.type);
    w.u8(e.critical ? 1 : 0);
    w.opaque(4, e.content);
  }
  w.close(extensions);
  return out;
}

std::array<std::uint8_t, 12> signature_prefix(std::uint32_t overlay, std::uint64_t transaction) {
  std::array<std::uint8_t, 12> out{};
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(overlay >> (24 - 8 * i));
  for (std::size_t i = 0; i < 8; ++i) out[4 + i] = static_cast<std::uint8_t>(transaction >> (56 - 8 * i));
  return out;
}

void write_certificate(core::wire_writer& w, const identity::certificate& c) {
  w.u8(x509);
  w.opaque(2, c.der());
}

// certificates<0..2^16-1>: those that do not fit stay out. Whoever lacks one can not judge its value, and has it from another replica.
void write_certificates(core::wire_writer& w, const identity::certificate& own, const std::vector<identity::certificate>& others) {
  constexpr std::size_t length_bytes = 2, head_bytes = 3, bytes_max = 0xffff;
  const auto bucket = w.open(length_bytes);
  write_certificate(w, own);
  std::size_t count = 1;
  for (const auto& c : others) {
    const auto size = w.size() - bucket.at - length_bytes + head_bytes + c.der().size();
    if (c == own || size > bytes_max || count == certificates_max) continue;
    write_certificate(w, c);
    ++count;
  }
  w.close(bucket);
}

bool read_extensions(core::byte_view data, std::vector<extension>& out) {
  core::wire_reader r(data);
  while (r.ok() && !r.empty()) {  // ends with the data
    extension e;
    e.type = r.u16();
    const auto critical = r.u8();
    e.critical = critical == 1;
    e.content = core::to_bytes(r.opaque(4));
    if (critical > 1 || out.size() == extensions_max) return false;
    out.push_back(std::move(e));
  }
  return r.ok();
}

bool read_certificates(core::byte_view data, std::vector<core::byte_view>& out) {
  core::wire_reader r(data);
  while (r.ok() && !r.empty()) {  // ends with the data
    const auto type = r.u8();
    const auto der = r.opaque(2);
    if (type != x509 || out.size() == certificates_max) return false;
    out.push_back(der);
  }
  return r.ok();
}

}  // namespace

core::bytes seal_payload(const message_contents& m, std::uint32_t overlay, std::uint64_t transaction, const identity::credential& by) {
  auto out = print(m);
  const auto prefix = signature_prefix(overlay, transaction);
  const auto signature = identity::sign(by, {prefix, out});
  core::wire_writer w(out);
  write_certificates(w, by.certificate, m.certificates);
  signature.write(w);
  return out;
}

core::result<opened_payload> open_payload(core::byte_view payload) {
  core::wire_reader r(payload);
  opened_payload p;
  p.contents.code = r.u16();
  p.contents.body = core::to_bytes(r.opaque(4));
  if (!read_extensions(r.opaque(4), p.contents.extensions) || !r.ok()) return core::fail(errc::invalid_message, "MessageContents");
  p.signed_part = payload.first(payload.size() - r.remaining());
  if (!read_certificates(r.opaque(2), p.certificates)) return core::fail(errc::invalid_message, "certificates");
  p.signature = identity::signature::read(r);
  if (!r.done()) return core::fail(errc::invalid_message, "SecurityBlock");
  return p;
}

core::status verify_payload(const opened_payload& p, std::uint32_t overlay, std::uint64_t transaction,
                            const identity::certificate& signer) {
  if (p.signature.identity_type == identity_none) return core::fail(identity::errc::unknown_signer, "unsigned");
  const auto prefix = signature_prefix(overlay, transaction);
  return identity::verify(p.signature, signer, {prefix, p.signed_part});
}

std::uint16_t peek_code(core::byte_view payload) noexcept {
  core::wire_reader r(payload);
  return r.u16();
}

message_contents make_error(std::uint16_t error, std::string_view info) {
  message_contents m;
  m.code = code::error;
  core::wire_writer w(m.body);
  w.u16(error);
  w.opaque(2, core::as_bytes(info.substr(0, 0xffff)));  // it may repeat what a stranger said
  return m;
}

core::result<error_response> read_error(const message_contents& m) {
  core::wire_reader r(m.body);
  error_response e;
  e.code = r.u16();
  e.info = core::as_text(r.opaque(2));
  if (m.code != code::error || !r.done()) return core::fail(errc::invalid_message, "ErrorResponse");
  return e;
}

std::vector<std::uint32_t> unknown_kinds_in(const error_response& e) {
  core::wire_reader r(core::as_bytes(e.info));
  core::wire_reader list(r.opaque(1));
  std::vector<std::uint32_t> out;
  while (list.ok() && !list.empty()) out.push_back(list.u32());  // ends with the list
  if (e.code != error_code::unknown_kind || !r.done() || !list.ok()) return {};
  return out;
}

core::error to_error(const error_response& e) {
  auto detail = error_name(e.code);
  const auto unknown = unknown_kinds_in(e);
  for (const auto kind : unknown) detail += " " + std::to_string(kind);
  if (!e.info.empty() && unknown.empty()) detail += ": " + e.info;
  switch (e.code) {
    case error_code::forbidden: return core::error(errc::forbidden, std::move(detail));
    case error_code::not_found: return core::error(errc::not_found, std::move(detail));
    case error_code::request_timeout: return core::error(errc::timed_out, std::move(detail));
    case error_code::generation_counter_too_low: return core::error(errc::generation, std::move(detail));
    case error_code::data_too_large: return core::error(errc::quota_exceeded, std::move(detail));
    case error_code::data_too_old: return core::error(errc::data_too_old, std::move(detail));
    case error_code::ttl_exceeded:
    case error_code::ttl_hops_exceeded:
    case error_code::underlay_destination_unreachable: return core::error(errc::unreachable, std::move(detail));
    case error_code::underlay_time_exceeded: return core::error(errc::timed_out, std::move(detail));
    case error_code::unknown_kind: return core::error(errc::unknown_kind, std::move(detail));
    case error_code::config_too_old:
    case error_code::config_too_new: return core::error(errc::configuration, std::move(detail));
    case error_code::invalid_message: return core::error(errc::invalid_message, std::move(detail));
    default: return core::error(errc::refused, std::move(detail));
  }
}

}  // namespace phyllo::overlay
