#include "phyllo/enrollment/supernode_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/signature.hpp"

namespace phyllo::enrollment {
namespace {

using nlohmann::json;

constexpr std::uint64_t age_max_ms = 300'000;
constexpr std::size_t bytes_max = 256 * 1024;

std::unexpected<core::error> strange(std::string_view what) {
  return core::fail(errc::server_error, "the list of supernodes: " + std::string(what));
}

// What is signed: lines, so that no two readers of JSON disagree about it.
std::string signed_text(const supernode_list& l) {
  auto out = fmt::format("phyllo-supernodes\n{}\n{}\n", l.overlay, core::unix_milliseconds(l.time));
  for (const auto& n : l.nodes) out += fmt::format("{} {}\n", n.address, n.port);
  return out;
}

// Of one line, as it is signed: with a line's end in it one node would read as two.
bool plain(const std::string& address) {
  return !address.empty() && std::ranges::all_of(address, [](char c) { return c > ' ' && c < 0x7f; });
}

core::result<supernode_list> read_list(const json& j) {
  if (!j.is_object()) return strange("no JSON object");
  const auto overlay = j.find("overlay");
  const auto time = j.find("time_ms");
  const auto nodes = j.find("nodes");
  if (overlay == j.end() || !overlay->is_string() || time == j.end() || !time->is_number_unsigned() || nodes == j.end() ||
      !nodes->is_array())
    return strange("overlay, time_ms or nodes is missing");
  const auto ms = time->get<std::uint64_t>();
  if (ms > 9'000'000'000'000) return strange("a time in the far future");  // the clock's nanoseconds end in 2262
  supernode_list l{overlay->get<std::string>(), core::from_unix_milliseconds(ms), {}};
  for (const auto& n : *nodes) {
    const auto address = n.is_object() ? n.value("address", json()) : json();
    const auto port = n.is_object() ? n.value("port", json()) : json();
    if (!address.is_string() || !port.is_number_unsigned() || port.get<std::uint64_t>() > 65535)
      return strange("a node without address or port");
    auto text = address.get<std::string>();
    if (!plain(text)) return strange("an address that is none");
    l.nodes.push_back({std::move(text), port.get<std::uint16_t>()});
  }
  return l;
}

std::optional<core::bytes> octets(const json& j, const char* key) {
  const auto at = j.find(key);
  return at != j.end() && at->is_string() ? core::from_base64(at->get<std::string>()) : std::nullopt;
}

core::status check_signature(const supernode_list& l, const json& j, const identity::trust& trust, core::wall_time now) {
  const auto der = octets(j, "certificate");
  const auto signature = octets(j, "signature");
  if (!der || !signature) return strange("it is not signed");
  const auto signer = trust.read(*der);
  if (!signer) return core::fail(signer.error());
  if (auto trusted = trust.check(*signer, now); !trusted) return trusted;
  core::wire_reader r(*signature);
  const auto s = identity::signature::read(r);
  if (!r.done()) return strange("no signature");
  return identity::verify(s, *signer, {core::as_bytes(signed_text(l))});
}

}  // namespace

std::string print(const supernode_list& l, const identity::credential& by) {
  auto nodes = json::array();
  for (const auto& n : l.nodes) nodes.push_back({{"address", n.address}, {"port", n.port}});
  core::bytes signature;
  core::wire_writer w(signature);
  identity::sign(by, {core::as_bytes(signed_text(l))}).write(w);
  return json{{"overlay", l.overlay},
              {"time_ms", core::unix_milliseconds(l.time)},
              {"nodes", std::move(nodes)},
              {"certificate", core::to_base64(by.certificate.der())},
              {"signature", core::to_base64(signature)}}
      .dump();
}

core::result<supernode_list> parse_supernode_list(std::string_view text, const identity::trust& trust, core::wall_time now) {
  if (text.size() > bytes_max) return strange("longer than 256 KiB");
  const auto j = json::parse(text, nullptr, false);
  auto l = read_list(j);
  if (!l) return l;
  if (l->overlay != trust.overlay_name()) return strange("it is of " + l->overlay);
  const auto time = core::unix_milliseconds(l->time);
  const auto here = core::unix_milliseconds(now);
  if (time + age_max_ms < here || here + age_max_ms < time) return strange("it is not of now");
  if (auto good = check_signature(*l, j, trust, now); !good) return core::fail(good.error());
  return l;
}

}  // namespace phyllo::enrollment
