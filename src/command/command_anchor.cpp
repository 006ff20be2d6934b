#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "phyllo/command/command.hpp"
#include "phyllo/node/anchor.hpp"
#include "report.hpp"

namespace phyllo::command {
namespace {

using nlohmann::json;

core::result<node::configuration> configuration_of(const anchor_request& r) {
  auto c = node::read_configuration(r.from.file, r.from.set);
  if (!c) return core::fail(c.error());
  for (std::size_t i = 0; i < c->overlays(); ++i) {
    auto one = c->of_overlay(i);
    if (r.overlay.empty() ? c->overlays() == 1 : one.overlay.name == r.overlay) return one;
  }
  if (r.overlay.empty()) return core::fail(node::errc::usage, "this node is part of several overlays: say which one (--overlay ID)");
  return core::fail(node::errc::not_found, fmt::format("{}: the configuration has no such overlay", r.overlay));
}

core::status show(const anchor_request& r) {
  const auto c = configuration_of(r);
  if (!c) return core::fail(c.error());
  const auto anchor = node::load_anchor(*c);
  if (!anchor) return core::fail(anchor.error());
  if (!*anchor) return core::fail(node::errc::not_found, "no anchor is pinned yet: that is done with the first configuration document");
  if (r.json) {
    std::cout << json{{"overlay", c->overlay.name}, {"anchors", (*anchor)->fingerprints}, {"sequence", (*anchor)->sequence}}.dump() << '\n';
  } else {
    for (const auto& f : (*anchor)->fingerprints) std::cout << f << '\n';
  }
  return {};
}

core::status replace(const anchor_request& r) {
  const auto fingerprint = node::read_fingerprint(r.fingerprint);
  if (!fingerprint) return core::fail(node::errc::usage, fmt::format("{}: expected sha256: and 64 hex digits", r.fingerprint));
  const auto c = configuration_of(r);
  if (!c) return core::fail(c.error());
  const auto& configured = c->bootstrap.ca_fingerprint;
  if (!configured.empty() && node::read_fingerprint(configured) != fingerprint)
    return core::fail(node::errc::configuration, fmt::format("bootstrap.ca_fingerprint says {}: change it first", configured));
  if (auto done = node::replace_anchor(*c, *fingerprint); !done) return done;
  if (r.json) {
    std::cout << json{{"overlay", c->overlay.name}, {"anchors", {*fingerprint}}}.dump() << '\n';
  } else {
    std::cerr << "The node takes the overlay of this anchor, and enrols there anew, from its next start on.\n";
  }
  return {};
}

}  // namespace

exit_code show_anchor(const anchor_request& r) { return finish(show(r), r.json); }
exit_code replace_anchor(const anchor_request& r) { return finish(replace(r), r.json); }

}  // namespace phyllo::command
