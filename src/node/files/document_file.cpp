#include "files/document_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "phyllo/disk/private_directory.hpp"
#include "phyllo/disk/private_file.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::node {
namespace {

constexpr std::string_view prefix = "sha256:";

std::string document_path(const configuration& c) { return c.in_data_directory("document.xml"); }
std::string anchor_path(const configuration& c) { return c.in_data_directory("anchor"); }

bool pinned(const pinned_anchor& a, core::byte_view root) {
  return std::ranges::find(a.fingerprints, anchor_fingerprint(root)) != a.fingerprints.end();
}

std::string told(const std::vector<std::string>& fingerprints) { return fmt::format("{}", fmt::join(fingerprints, " ")); }

core::error of_another_anchor(const configuration& c, const pinned_anchor& a, const identity::configuration& document) {
  const auto theirs = anchor_fingerprints(document);
  return {errc::refused, fmt::format("the configuration document is of another certificate authority ({}) than the one that this node is "
                                     "pinned to ({}, {}). If the overlay's operator says that it was replaced: supernode anchor replace {}",
                                     told(theirs), told(a.fingerprints), anchor_path(c), theirs.empty() ? "FINGERPRINT" : theirs.front())};
}

std::optional<pinned_anchor> parse_anchor(const std::string& text) {
  pinned_anchor a;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("sequence ")) {
      const auto* end = line.data() + line.size();
      const auto read = std::from_chars(line.data() + 9, end, a.sequence);
      if (read.ec != std::errc() || read.ptr != end) return {};
    } else if (const auto f = read_fingerprint(line)) {
      a.fingerprints.push_back(*f);
    } else {
      return {};
    }
  }
  if (a.fingerprints.empty()) return {};
  return a;
}

core::result<std::optional<pinned_anchor>> anchor_on_disk(const configuration& c) {
  const auto text = disk::read_file(anchor_path(c));
  if (!text) return core::fail(text.error());
  if (!*text) return std::optional<pinned_anchor>();
  auto a = parse_anchor(**text);
  if (!a) return core::fail(errc::configuration, anchor_path(c) + ": expected lines sha256:<64 hex digits>; see supernode anchor replace");
  return a;
}

// Like that of a document before, with nothing but the pinned anchors: the signer must chain to one of them.
core::status by_pinned_anchor(const configuration& c, const pinned_anchor& a, const identity::parsed_configuration& document,
                              core::wall_time now) {
  auto known = document.content;
  std::erase_if(known.root_certificates, [&](const core::bytes& root) { return !pinned(a, root); });
  if (known.root_certificates.empty()) return core::fail(of_another_anchor(c, a, document.content));
  if (document.content.sequence < a.sequence)
    return core::fail(identity::errc::older_document,
                      fmt::format("sequence {}, and {} was adopted", document.content.sequence, a.sequence));
  known.sequence = static_cast<std::uint16_t>(std::max<int>(document.content.sequence, 1) - 1);
  const std::vector<identity::certificate> no_others;
  if (auto ok = identity::parse_configuration(document.text, no_others, now, &known); !ok) return core::fail(ok.error());
  return {};
}

}  // namespace

std::string anchor_fingerprint(core::byte_view root_certificate) {
  return std::string(prefix) + core::to_hex(identity::sha256(root_certificate));
}

std::vector<std::string> anchor_fingerprints(const identity::configuration& document) {
  std::vector<std::string> out;
  for (const auto& root : document.root_certificates) out.push_back(anchor_fingerprint(root));
  return out;
}

std::optional<std::string> read_fingerprint(std::string_view text) {
  std::string hex;
  if (core::equal_ignoring_case(text.substr(0, prefix.size()), prefix)) text.remove_prefix(prefix.size());
  for (const char ch : text) {
    if (ch != ':') hex += ch;
  }
  const auto digest = core::from_hex(hex);
  if (!digest || digest->size() != identity::sha256_digest().size()) return {};
  return std::string(prefix) + core::to_hex(*digest);
}

core::result<std::optional<pinned_anchor>> load_anchor(const configuration& c) {
  auto kept = anchor_on_disk(c);
  if (!kept) return kept;
  if (c.bootstrap.ca_fingerprint.empty()) return kept;
  const auto wanted = read_fingerprint(c.bootstrap.ca_fingerprint);  // validate has seen it
  if (!*kept) return std::optional(pinned_anchor{{*wanted}, 0});
  if (std::ranges::find((*kept)->fingerprints, *wanted) == (*kept)->fingerprints.end()) {
    return core::fail(
        errc::configuration,
        fmt::format("bootstrap.ca_fingerprint is {}, but this node is pinned to {} ({}). If the overlay's certificate authority "
                    "was replaced: supernode anchor replace {}",
                    *wanted, told((*kept)->fingerprints), anchor_path(c), *wanted));
  }
  return kept;
}

core::status save_anchor(const configuration& c, const pinned_anchor& a) {
  return disk::write_private_file(anchor_path(c), fmt::format("{}\nsequence {}\n", fmt::join(a.fingerprints, "\n"), a.sequence));
}

std::optional<identity::parsed_configuration> kept_document(const configuration& c, core::wall_time now) {
  const auto text = disk::read_file(document_path(c));
  const auto anchor = load_anchor(c);
  if (!text || !*text || !anchor) return {};
  const std::vector<identity::certificate> known;  // the document brings its signer's
  auto document = identity::parse_configuration(**text, known, now);
  if (!document || document->content.instance_name != c.overlay.name) return {};
  if (*anchor && !by_pinned_anchor(c, **anchor, *document, now)) return {};
  return std::move(*document);
}

core::status keep_document(const configuration& c, const identity::parsed_configuration& document) {
  if (auto kept = disk::write_private_file(document_path(c), document.text); !kept) return kept;
  return save_anchor(c, {anchor_fingerprints(document.content), document.content.sequence});
}

core::status may_adopt(const configuration& c, const identity::parsed_configuration& document, core::wall_time now) {
  const auto& name = document.content.instance_name;
  if (name != c.overlay.name)
    return core::fail(errc::refused, fmt::format("the bootstrap server serves overlay {}, not {} (overlay.name)", name, c.overlay.name));
  const auto anchor = load_anchor(c);
  if (!anchor) return core::fail(anchor.error());
  if (const auto kept = kept_document(c, now)) {
    if (kept->text == document.text) return {};
    const std::vector<identity::certificate> no_others;
    auto next = identity::parse_configuration(document.text, no_others, now, &kept->content);
    if (next) return {};
    const auto& roots = document.content.root_certificates;
    const bool foreign = *anchor && std::ranges::none_of(roots, [&](const core::bytes& root) { return pinned(**anchor, root); });
    if (foreign) return core::fail(of_another_anchor(c, **anchor, document.content));
    return core::fail(next.error().at("the bootstrap server's configuration document does not follow the one that was adopted"));
  }
  if (!*anchor) return {};
  return by_pinned_anchor(c, **anchor, document, now);
}

void forget_useless_credential(const configuration& c, const identity::trust& trust, core::wall_time now) {
  const auto path = c.in_data_directory("node.pem");
  const auto pem = disk::read_file(path);
  if (!pem || !*pem) return;
  const auto certificate = identity::certificate::from_pem(**pem);
  if (!certificate) return;
  const auto good = trust.check(*certificate, now);
  if (good || !(good.error() == identity::errc::revoked || good.error() == identity::errc::unknown_issuer)) return;
  std::error_code ec;
  std::filesystem::remove(path, ec);
}

core::status replace_anchor(const configuration& c, const std::string& fingerprint) {
  if (auto done = disk::make_private_directory(c.node.data_directory); !done) return done;
  if (auto done = save_anchor(c, {{fingerprint}, 0}); !done) return done;
  for (const char* name : {"document.xml", "node.pem", "revocations"}) {
    std::error_code ec;
    std::filesystem::remove(c.in_data_directory(name), ec);
    if (ec) return core::fail(disk::errc::io, fmt::format("{}: {}", c.in_data_directory(name), ec.message()));
  }
  return {};
}

}  // namespace phyllo::node
