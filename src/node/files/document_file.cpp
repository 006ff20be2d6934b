#include "files/document_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "phyllo/disk/private_file.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/anchor.hpp"

namespace phyllo::node {
namespace {

std::string document_path(const configuration& c) { return c.in_data_directory("document.xml"); }

bool pinned(const pinned_anchor& a, core::byte_view root) {
  return std::ranges::find(a.fingerprints, anchor_fingerprint(root)) != a.fingerprints.end();
}

core::error of_another_anchor(const configuration& c, const pinned_anchor& a, const identity::configuration& document) {
  const auto theirs = anchor_fingerprints(document);
  return {errc::refused, fmt::format("the configuration document is of another certificate authority ({}) than the one that this node is "
                                     "pinned to ({}, {}). If the overlay's operator says that it was replaced: supernode anchor replace {}",
                                     fmt::join(theirs, " "), fmt::join(a.fingerprints, " "), anchor_file(c),
                                     theirs.empty() ? "FINGERPRINT" : theirs.front())};
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

}  // namespace phyllo::node
