#include "enrollment_request.hpp"

#include <algorithm>

#include "login_terms.hpp"
#include "phyllo/core/errc.hpp"
#include "phyllo/identity/names.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::size_t password_bytes_max = 1024;
constexpr std::size_t csr_characters_max = 8192;  // ours has 200 bytes
constexpr std::size_t device_characters_max = 128;
constexpr char der_sequence = 0x30;

const std::string* field(const form& f, const std::string& name) {
  const auto found = f.find(name);
  return found == f.end() ? nullptr : &found->second;
}

// What lies between the lines of PEM; the text itself where there are none.
std::string_view armored(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE REQUEST-----";
  constexpr std::string_view end = "-----END CERTIFICATE REQUEST-----";
  const auto from = text.find(begin);
  if (from == std::string_view::npos) return text;
  text.remove_prefix(from + begin.size());
  return text.substr(0, text.find(end));
}

}  // namespace

bool valid_device(std::string_view text) noexcept {
  if (text.empty() || text.size() > device_characters_max) return false;
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

core::bytes decode_csr(std::string_view text) {
  if (!text.empty() && text.front() == der_sequence) return core::to_bytes(text);
  return core::from_base64(armored(text)).value_or(core::bytes());
}

core::result<enrollment_request> enrollment_request::from_form(const form& f) {
  const auto* user = field(f, "username");
  const auto* password = field(f, "password");
  const auto* csr = field(f, "csr");
  if (user == nullptr || password == nullptr || csr == nullptr)
    return core::fail(core::errc::malformed, "username, password and csr are needed");
  if (password->size() > password_bytes_max) return core::fail(core::errc::malformed, "a password over 1024 bytes");
  if (csr->size() > csr_characters_max) return core::fail(core::errc::malformed, "a csr over 8192 bytes");
  enrollment_request r{identity::canonical_user(*user), *password, decode_csr(*csr), "default", true, false};
  if (!identity::valid_user(r.user)) return core::fail(core::errc::malformed, "username: expected user@domain");
  if (const auto* device = field(f, "device")) {
    if (!valid_device(*device)) return core::fail(core::errc::malformed, "device: 1 to 128 printable characters without spaces");
    r.device = *device;
  }
  if (const auto* role = field(f, "role")) {
    if (*role != peer_role && *role != client_role) return core::fail(core::errc::malformed, "role: peer or client");
    r.peer = *role == peer_role;
  }
  if (const auto* count = field(f, "nodeids")) r.one_node = *count == "1";
  return r;
}

}  // namespace phyllo::enrollment
