#include "certified_request.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>

#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/signature.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::uint64_t age_max_ms = 300'000;
constexpr std::size_t payload_bytes_max = 4096;

std::string signed_text(std::string_view path, std::string_view overlay, std::string_view time_ms, std::string_view payload) {
  return fmt::format("{}\n{}\n{}\n{}\n", path, overlay, time_ms, payload);
}

std::string_view field_text(const form& f, const char* name) {
  const auto found = f.find(name);
  return found == f.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, how] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (how != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

bool of_now(std::uint64_t ms, core::wall_time now) {
  const auto here = core::unix_milliseconds(now);
  return ms > here ? ms - here <= age_max_ms : here - ms <= age_max_ms;
}

core::status check(const form& f, std::string_view path, const identity::certificate& c, core::byte_view signature) {
  core::wire_reader r(signature);
  const auto s = identity::signature::read(r);
  if (!r.done()) return core::fail(core::errc::malformed, "signature: no RELOAD signature");
  const auto text = signed_text(path, c.overlay(), field_text(f, "time_ms"), field_text(f, "payload"));
  return identity::verify(s, c, {core::as_bytes(text)});
}

core::status trust_apart_from_revocation(const identity::certificate& c, const identity::trust& trust, core::wall_time now) {
  auto trusted = trust.check(c, now);
  const bool only_revoked = !trusted && trusted.error() == identity::errc::revoked && c.overlay() == trust.overlay_name();
  return only_revoked ? core::status() : trusted;
}

}  // namespace

core::result<certified_request> certified_request::from_form(const form& f, std::string_view path, const identity::trust& trust,
                                                             core::wall_time now) {
  const auto der = core::from_base64(field_text(f, "certificate"));
  const auto signature = core::from_base64(field_text(f, "signature"));
  auto payload = core::from_base64(field_text(f, "payload"));
  const auto ms = number(field_text(f, "time_ms"));
  if (!der || der->empty() || !signature || signature->empty() || !payload || payload->empty() || !ms)
    return core::fail(core::errc::malformed, "certificate, time_ms, payload and signature are needed");
  if (payload->size() > payload_bytes_max) return core::fail(core::errc::malformed, "payload: over 4096 bytes");
  auto certificate = trust.read(*der);
  if (!certificate) return core::fail(core::errc::malformed, "certificate: " + certificate.error().message());
  if (!of_now(*ms, now)) return core::fail(errc::failed_authentication, "a request of another time");
  if (auto trusted = trust_apart_from_revocation(*certificate, trust, now); !trusted)
    return core::fail(errc::failed_authentication, trusted.error().message());
  if (auto good = check(f, path, *certificate, *signature); !good) return core::fail(errc::failed_authentication, good.error().message());
  return certified_request{*std::move(certificate), *std::move(payload)};
}

form certified_form(const identity::credential& by, std::string_view path, core::byte_view payload, core::wall_time now) {
  const auto time = std::to_string(core::unix_milliseconds(now));
  const auto encoded = core::to_base64(payload);
  core::bytes signature;
  core::wire_writer w(signature);
  identity::sign(by, {core::as_bytes(signed_text(path, by.certificate.overlay(), time, encoded))}).write(w);
  return {{"certificate", core::to_base64(by.certificate.der())},
          {"time_ms", time},
          {"payload", encoded},
          {"signature", core::to_base64(signature)}};
}

}  // namespace phyllo::enrollment
