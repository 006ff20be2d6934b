#include "assembly/reread.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>

#include "assembly/enrollment.hpp"
#include "files/web_files.hpp"
#include "phyllo/identity/certificate_facts.hpp"
#include "settings/authority_settings.hpp"
#include "settings/configuration_fields.hpp"

namespace phyllo::node {
namespace {

constexpr std::array<std::string_view, 18> taken_over{"bootstrap.anchors",
                                                      "bootstrap.urls",
                                                      "limits.half_open",
                                                      "limits.handshakes_per_second",
                                                      "limits.held_mib",
                                                      "limits.source_connections",
                                                      "limits.source_handshakes_per_second",
                                                      "limits.source_stun_answers_per_second",
                                                      "limits.stun_answers_per_second",
                                                      "login.attempts",
                                                      "overlay.anchors",
                                                      "overlay.bad_nodes",
                                                      "overlay.bad_nodes_file",
                                                      "overlay.urls",
                                                      "sip.source_messages_burst",
                                                      "sip.source_messages_per_second",
                                                      "tls.certificate",
                                                      "tls.key"};

// Calls visit(key, a's member, b's member) for every field.
template <class Visitor>
void for_each_pair(configuration& a, const configuration& b, Visitor visit) {
  for_each_field(a, [&]<class T>(std::string_view key, T& mine) {
    for_each_field(b, [&]<class U>(std::string_view other, const U& theirs) {
      if constexpr (std::is_same_v<T, U>) {
        if (key == other) visit(key, mine, theirs);
      }
    });
  });
}

// A file that is there, but is not what its key wants: the configuration is wrong.
std::unexpected<core::error> wrong(const core::error& e, std::string_view key) {
  return core::fail(errc::configuration, e.at(key).message());
}

}  // namespace

core::result<fresh_settings> read_again(core::environment& env, configuration c) {
  auto web = open_web_certificate(env, c);
  if (!web) return core::fail(web.error());
  if (auto good = transport::check(*web); !good) return wrong(good.error(), "tls.certificate");
  if (const auto facts = identity::facts_of_pem(web->chain_pem); facts && facts->ends <= env.wall_now())
    return core::fail(errc::configuration,
                      fmt::format("tls.certificate: {}: it ended at {}; renew it first", c.tls.certificate, core::to_iso8601(facts->ends)));
  const auto client = client_options_of(c);
  if (!client) return core::fail(client.error());
  if (c.login.enabled) {
    if (const auto bad = enrollment::read_bad_nodes(authority_settings_of(c)); !bad) return core::fail(bad.error());
  }
  return fresh_settings{std::move(c), std::move(*web)};
}

reread_report take_over(configuration& running, const configuration& fresh) {
  reread_report report;
  for_each_pair(running, fresh, [&](std::string_view key, auto& mine, const auto& theirs) {
    if (mine == theirs) return;
    const bool now = std::ranges::find(taken_over, key) != taken_over.end();
    if (now) mine = theirs;
    (now ? report.changed : report.need_start).emplace_back(key);
  });
  return report;
}

}  // namespace phyllo::node
