#include "settings/certificate_check.hpp"

#include <algorithm>
#include <optional>

#include "files/credential_file.hpp"
#include "files/web_files.hpp"
#include "phyllo/disk/private_file.hpp"
#include "phyllo/identity/certificate_facts.hpp"
#include "phyllo/identity/key.hpp"
#include "phyllo/transport/host.hpp"
#include "phyllo/transport/http.hpp"

namespace phyllo::node {
namespace {

using identity::certificate_facts;
using identity::facts_of_pem;

constexpr auto web_warned_before = std::chrono::days(14);  // ACME clients renew with 30 left: then they have not
constexpr auto authority_warned_before = std::chrono::days(180);

std::string day(core::wall_time t) { return core::to_iso8601(t); }

std::optional<std::string> content_of(const std::string& path) {
  auto content = disk::read_file(path);
  return content && *content ? *std::move(*content) : std::optional<std::string>();
}

// What its time says of a certificate that others check.
void check_time(const char* key, const std::string& file, const certificate_facts& f, core::wall_time now, core::duration warned_before,
                std::string_view remedy, findings& out) {
  if (f.ends <= now) return out.fails(key, fmt::format("{}: it ended at {}; {}", file, day(f.ends), remedy));
  if (f.begins > now)
    return out.fails(key, fmt::format("{}: it is good from {} on, and it is {} by this machine's clock; set the clock, or {}", file,
                                      day(f.begins), day(now), remedy));
  if (f.ends - now < warned_before) out.warning(key, fmt::format("{}: it ends at {}; {}", file, day(f.ends), remedy));
}

std::string host_of(const std::string& url) {
  const auto u = transport::url::parse(url);
  return u ? u->host : std::string();
}

bool names(const std::vector<std::string>& of_certificate, const std::string& wanted) {
  return std::ranges::any_of(of_certificate, [&](const std::string& n) {
    if (n.starts_with("*."))
      return wanted.find('.') != std::string::npos && core::equal_ignoring_case(wanted.substr(wanted.find('.')), n.substr(1));
    return core::equal_ignoring_case(n, wanted);
  });
}

// By what TLS clients ask for this node: browsers and nodes by the login server's URL, phones by their domain (RFC 5922) or its address.
void check_names(const configuration& c, const certificate_facts& f, findings& out) {
  std::vector<std::string> asked_for{c.node.advertised_address, c.node.address};
  if (c.login.enabled) asked_for.push_back(host_of(c.login.url));
  for (const auto& a : c.node.further_addresses) asked_for.push_back(a.substr(a.find('=') + 1));
  asked_for.insert(asked_for.end(), c.node.domains.begin(), c.node.domains.end());
  if (std::ranges::any_of(asked_for, [&](const auto& n) { return !n.empty() && names(f.names, n); })) return;
  std::erase_if(asked_for, [](const std::string& n) { return n.empty() || n == "0.0.0.0" || n == "::"; });
  out.warning("tls.certificate",
              fmt::format("{}: it is for {}, and none of {} is among them: clients that ask for those refuse it; get one "
                          "that names what they ask for",
                          c.tls.certificate, f.names.empty() ? "no name" : fmt::format("{}", fmt::join(f.names, ", ")),
                          fmt::join(asked_for, ", ")));
}

// The operator's, or that of an earlier start.
void check_web(core::wall_time now, const configuration& c, findings& out) {
  const bool own = c.tls.certificate.empty();
  const auto web = read_web_certificate(c);
  if (!web) return out.add_errors(web.error().detail());
  if (!*web) return;  // made at the first start
  const auto file = own ? c.in_data_directory("web-certificate.pem") : c.tls.certificate;
  const char* remedy = own ? "remove it with web-key.pem: the next start makes both anew" : "renew it, then supernode reload";
  if (const auto good = transport::check(**web); !good) {
    const char* next = own ? remedy : "name a PEM file with the whole chain, the node's own first, and the key that was made for it";
    return out.error("tls.certificate", fmt::format("{}: {}; {}", file, good.error().detail(), next));
  }
  const auto facts = facts_of_pem((*web)->chain_pem);
  if (!facts) return;
  check_time("tls.certificate", file, *facts, now, web_warned_before, remedy, out);
  if (!own) check_names(c, *facts, out);
}

void check_anchors(const char* key, const std::vector<std::string>& files, core::wall_time now, findings& out) {
  for (const auto& file : files) {
    const auto read = read_anchors({file}, key);
    if (!read) {
      // In a ring that starts at once the login server's certificate may not be there yet: it is looked for again and again.
      auto& to = std::string_view(key) == "bootstrap.anchors" ? out.failing : out.errors;
      to.push_back(read.error().detail());
    } else if (const auto facts = facts_of_pem(read->front())) {
      check_time(key, file, *facts, now, web_warned_before, "get the one that the server is certified by now", out);
    }
  }
}

// It renews itself, and is made anew where it does not serve: nothing here keeps a node from running.
void check_own(core::wall_time now, const configuration& c, findings& out) {
  constexpr const char* key = "node.user";
  const auto file = c.in_data_directory("node.pem");
  const auto pem = content_of(file);
  if (!pem) return;
  const auto anew = [&](std::string_view why) { out.warning(key, fmt::format("{}: {}; the node enrols anew by its password", file, why)); };
  const auto certificate = identity::certificate::from_pem(*pem);
  if (!certificate || !identity::private_key::from_pem(*pem)) return anew("it is damaged: no certificate with its key");
  if (!identity::key_fits(*pem)) return anew("its key is another's");
  if (certificate->overlay() != c.overlay.name)
    return anew(fmt::format("it is of overlay {}, not {}", certificate->overlay(), c.overlay.name));
  if (certificate->user() != c.node.user) return anew(fmt::format("it is of {}, not {}", certificate->user(), c.node.user));
  if (certificate->not_after() <= now) return anew(fmt::format("it ended at {}", day(certificate->not_after())));
  if (certificate->not_before() > now)
    return anew(fmt::format("it is good from {} on, and it is {} by this machine's clock: is that right?", day(certificate->not_before()),
                            day(now)));
  for (const auto& d : c.node.domains) {
    if (!certificate->has_authority(d))
      out.warning("node.domains",
                  fmt::format("{}: its certificate gives no authority for it, so its phones can not register here; at the login "
                              "server: supernode user change {} --authority {}",
                              d, c.node.user, d));
  }
}

// The overlay's authority and the signer of its document; made at the login server's first start.
void check_authority(core::wall_time now, const configuration& c, findings& out) {
  constexpr const char* key = "login.ca_directory";
  for (const char* name : {"ca.pem", "signer.pem"}) {
    const auto file = c.in_data_directory(c.login.ca_directory) + "/" + name;
    const auto pem = disk::read_file(file);
    if (!pem) {
      out.error(key, pem.error().detail());
      continue;
    }
    if (!*pem) continue;
    const auto facts = facts_of_pem(**pem);
    const char* restore = "restore it from a backup: without it no certificate and no document of this overlay can be made";
    if (!facts || !identity::private_key::from_pem(**pem)) {
      out.error(key, fmt::format("{}: it is damaged: no certificate with its key; {}", file, restore));
    } else if (!identity::key_fits(**pem)) {
      out.error(key, fmt::format("{}: its key is another's; {}", file, restore));
    } else {
      check_time(key, file, *facts, now, authority_warned_before, "give the overlay a new authority (supernode anchor --help)", out);
    }
  }
}

void add_end(const char* name, const std::optional<certificate_facts>& f, std::vector<certificate_end>& out) {
  if (!f) return;
  const auto known = std::ranges::find_if(out, [&](const certificate_end& e) { return std::string_view(e.name) == name; });
  if (known == out.end()) return out.push_back({name, f->ends});
  known->at = std::min(known->at, f->ends);
}

void add_file(const char* name, const std::string& file, std::vector<certificate_end>& out) {
  if (const auto pem = content_of(file)) add_end(name, facts_of_pem(*pem), out);
}

}  // namespace

void check_certificates(core::wall_time now, const configuration& c, findings& out) {
  check_web(now, c, out);
  check_anchors("bootstrap.anchors", c.bootstrap.anchors, now, out);
  check_anchors("sip.anchors", c.sip.anchors, now, out);
  check_own(now, c, out);
  if (c.login.enabled) check_authority(now, c, out);
}

std::vector<certificate_end> certificate_ends(const configuration& c, std::string_view web_chain_pem,
                                              const std::vector<core::bytes>& overlay_roots) {
  std::vector<certificate_end> out;
  add_end("web", facts_of_pem(web_chain_pem), out);
  for (const auto& root : overlay_roots) add_end("overlay_ca", identity::facts_of_der(root), out);
  for (const auto& file : c.bootstrap.anchors) add_file("bootstrap_anchor", file, out);
  for (const auto& file : c.sip.anchors) add_file("sip_anchor", file, out);
  if (!c.login.enabled) return out;
  const auto directory = c.in_data_directory(c.login.ca_directory);
  add_file("ca", directory + "/ca.pem", out);
  add_file("signer", directory + "/signer.pem", out);
  return out;
}

}  // namespace phyllo::node
