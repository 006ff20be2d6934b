#include "peer/peer_diagnosis.hpp"

#include <algorithm>
#include <cmath>

#include "peer/diagnostic_access.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::uint64_t answer_valid_ms = 60'000;

core::bytes number(std::uint64_t v, unsigned size) {
  core::bytes out;
  core::wire_writer w(out);
  if (size == 1) w.u8(static_cast<std::uint8_t>(v));
  if (size == 4) w.u32(static_cast<std::uint32_t>(v));
  if (size == 8) w.u64(v);
  return out;
}

}  // namespace

void peer_diagnosis::on_ping(const received_request& r) {
  if (!check_ping_request(r.contents.body)) return messenger_.answers().respond(r, make_error(error_code::invalid_message, "PingReq"));
  if (r.resource) up_.on_delivered(*r.resource);
  const ping_answer a{core::random_u64(env_), core::unix_milliseconds(env_.wall_now())};
  messenger_.answers().respond(r, answer_to(r, a.encode()));
}

core::bytes peer_diagnosis::instances_stored() const {
  core::bytes out;
  core::wire_writer w(out);
  for (const auto& [kind, count] : storage_.held().instances()) {
    w.u32(kind);
    w.u64(count);
  }
  return out;
}

std::vector<diagnostic> peer_diagnosis::told(std::uint64_t flags) const {
  std::vector<diagnostic> out;
  const auto asked = [&](std::uint16_t kind) { return flags == all_diagnostics || (flags & diagnostic_flag(kind)) != 0; };
  if (asked(diagnostic_kind::status_info)) out.push_back({diagnostic_kind::status_info, number(storage_.load(), 1)});
  if (asked(diagnostic_kind::routing_table_size)) out.push_back({diagnostic_kind::routing_table_size, number(ring_.far_peers().size(), 4)});
  if (asked(diagnostic_kind::app_uptime))
    out.push_back({diagnostic_kind::app_uptime, number(static_cast<std::uint64_t>(uptime().count()), 8)});
  if (asked(diagnostic_kind::instances_stored)) out.push_back({diagnostic_kind::instances_stored, instances_stored()});
  return out;
}

std::optional<message_contents> peer_diagnosis::refusal(const diagnostics_request& d, const received_request& r) const {
  return judge_diagnosis(d, r.signer.node(), document_.content.diagnostics, env_.wall_now());
}

diagnostics_response peer_diagnosis::diagnose(const diagnostics_request& d, std::uint8_t ttl) const {
  const auto now = core::unix_milliseconds(env_.wall_now());
  return {now + answer_valid_ms, d.initiated_ms, now, ttl, told(d.flags)};
}

void peer_diagnosis::on_path_track(const received_request& r) {
  const auto p = path_track_request::decode(r.contents.body);
  if (!p) return messenger_.answers().respond(r, make_error(error_code::invalid_message, "PathTrackReq"));
  if (auto refused = refusal(p->request, r)) return messenger_.answers().respond(r, std::move(*refused));
  const path_track_answer a{destination::to_node(ring_.next_peer(p->target)), diagnose(p->request, r.ttl)};
  messenger_.answers().respond(r, answer_to(r, a.encode()));
}

void peer_diagnosis::on_diagnostic_ping(const received_request& r) {
  const auto at = std::ranges::find(r.contents.extensions, diagnostic_ping_extension, &extension::type);
  const auto d =
      at == r.contents.extensions.end() ? core::fail(errc::invalid_message, "PingReq") : diagnostics_request::decode(at->content);
  if (!d || !check_ping_request(r.contents.body))
    return messenger_.answers().respond(r, make_error(error_code::invalid_message, "PingReq"));
  if (auto refused = refusal(*d, r)) return messenger_.answers().respond(r, std::move(*refused));
  message_contents m;
  m.code = code::ping_req + 1;
  m.body = ping_answer{core::random_u64(env_), core::unix_milliseconds(env_.wall_now())}.encode();
  m.extensions.push_back({.type = diagnostic_ping_extension, .critical = false, .content = diagnose(*d, r.ttl).encode()});
  messenger_.answers().respond(r, std::move(m));
}

void peer_diagnosis::on_probe(const received_request& r) {
  const auto p = probe_request::decode(r.contents.body);
  if (!p) return messenger_.answers().respond(r, make_error(error_code::invalid_message, "ProbeReq"));
  probe_answer a;
  for (const auto type : p->requested) {
    if (type == static_cast<std::uint8_t>(probe_information::responsible_set)) {
      const auto billionths = std::lround(1e9 * ring_.responsible_share());
      a.values.emplace_back(probe_information::responsible_set, static_cast<std::uint32_t>(billionths));
    } else if (type == static_cast<std::uint8_t>(probe_information::uptime)) {
      a.values.emplace_back(probe_information::uptime, static_cast<std::uint32_t>(uptime().count()));
    } else if (type == static_cast<std::uint8_t>(probe_information::num_resources)) {
      a.values.emplace_back(probe_information::num_resources,
                            static_cast<std::uint32_t>(std::min<std::uint64_t>(storage_.held().counts().records, ~std::uint32_t{0})));
    }
  }
  messenger_.answers().respond(r, answer_to(r, a.encode()));
}

}  // namespace phyllo::overlay
