#include "signed_element.hpp"

#include <algorithm>

#include "configuration_terms.hpp"
#include "phyllo/identity/errc.hpp"
#include "xml_reading.hpp"

namespace phyllo::identity {
namespace {

constexpr std::size_t signatures_max = 8;

// The element that starts at `from`, up to its first closing tag (</name>, perhaps with white space before the '>');
// empty: there is none.
std::string_view cut(std::string_view text, std::size_t from, std::string_view name) {
  const auto close = "</" + std::string(name);
  for (auto at = text.find(close, from); at != std::string_view::npos; at = text.find(close, at + 1)) {  // ends with the text
    const auto end = text.find_first_not_of(" \t\r\n", at + close.size());
    if (end != std::string_view::npos && text[end] == '>') return text.substr(from, end + 1 - from);
  }
  return {};
}

// pugixml gives the offset of an element's name.
std::size_t start_of(const pugi::xml_node& n) { return static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, n.offset_debug())) - 1; }

pugi::xml_node find_configuration(const pugi::xml_node& overlay, std::string_view instance_name) {
  for (const auto& n : overlay.children("configuration")) {
    if (instance_name.empty() || instance_name == n.attribute("instance-name").value()) return n;
  }
  return {};
}

std::vector<security_block> signatures_after(pugi::xml_node configuration_element) {
  std::vector<security_block> all;
  for (auto n = configuration_element.next_sibling(); n && all.size() < signatures_max; n = n.next_sibling()) {
    if (std::string_view(n.name()) == "configuration") break;
    if (std::string_view(n.name()) != "signature") continue;
    if (auto block = security_block::parse(n.child_value())) all.push_back(*std::move(block));
  }
  return all;
}

}  // namespace

core::result<signed_element> signed_element::parse(std::string_view bytes) {
  signed_element e;
  e.bytes_ = bytes;
  e.document_ = std::make_unique<pugi::xml_document>();
  if (auto ok = read_xml(*e.document_, e.bytes_); !ok) return core::fail(ok.error());
  return e;
}

std::string_view signed_element::bytes_of(const pugi::xml_node& n) const {
  return n ? cut(bytes_, start_of(n), n.name()) : std::string_view();
}

std::string signed_element::place(const pugi::xml_node& n) const { return place_in(bytes_, start_of(n)); }

core::result<signed_document> signed_document::find(std::string_view text, std::string_view instance_name) {
  pugi::xml_document whole;
  if (auto ok = read_xml(whole, text); !ok) return core::fail(ok.error());
  const auto overlay = whole.document_element();
  if (std::string_view(overlay.name()) != "overlay" || overlay.attribute("xmlns").value() != base_namespace) {
    return core::fail(errc::malformed_document, "the root element is not <overlay xmlns=\"" + std::string(base_namespace) + "\">");
  }
  const auto n = find_configuration(overlay, instance_name);
  if (!n) return core::fail(errc::malformed_document, "no <configuration> of this overlay");
  auto element = signed_element::parse(cut(text, start_of(n), "configuration"));
  if (!element) return core::fail(element.error());
  if (!is_plain_element(element->root()) || std::string_view(element->root().name()) != "configuration") {
    return core::fail(errc::malformed_document, "no <configuration> of this overlay");
  }
  return signed_document{*std::move(element), signatures_after(n)};
}

core::result<signer_check> signer_check::create(const configuration& c, const std::vector<certificate>& signers, core::wall_time now) {
  signer_check s(now);
  s.trust_ = std::make_unique<trust>(c.instance_name);
  if (!s.trust_->update(c.root_certificates, c.bad_nodes)) {
    return core::fail(errc::malformed_document, "a root-cert is not a certificate authority's certificate");
  }
  s.certificates_ = signers;
  return s;
}

void signer_check::add(const std::vector<certificate>& more) { certificates_.insert(certificates_.end(), more.begin(), more.end()); }

const certificate* signer_check::signer_of(const signature& s) const noexcept {
  const auto* hash = s.certificate_hash();
  if (hash == nullptr) return nullptr;
  const auto found =
      std::ranges::find_if(certificates_, [hash](const auto& c) { return std::ranges::equal(c.fingerprint(), std::span(hash, 32)); });
  return found == certificates_.end() ? nullptr : &*found;
}

core::status signer_check::by_any_of(const std::vector<node_id>& allowed, const security_block& block, std::string_view data) const {
  const auto* signer = signer_of(block.signature);
  if (signer == nullptr) return core::fail(errc::unknown_signer, "its certificate is not at hand");
  if (auto ok = trust_->check(*signer, now_); !ok) return core::fail(errc::unknown_signer, ok.error().message());
  if (std::ranges::find(allowed, signer->node()) == allowed.end()) {
    return core::fail(errc::unknown_signer, "node " + signer->node().hex() + " may not sign this");
  }
  return verify(block.signature, *signer, {core::as_bytes(data)});
}

core::status signer_check::was_signer_of(const configuration& earlier, const security_block& block) const {
  const auto* signer = signer_of(block.signature);
  if (signer == nullptr) return core::fail(errc::unknown_signer, "its certificate is not at hand");
  const auto& allowed = earlier.configuration_signers;
  if (std::ranges::find(allowed, signer->node()) == allowed.end()) {
    return core::fail(errc::unknown_signer, "node " + signer->node().hex() + " was no configuration-signer of the document at hand");
  }
  // A document must not bring the anchor of its own signer.
  trust before(earlier.instance_name);
  if (auto ok = before.update(earlier.root_certificates, earlier.bad_nodes); !ok) return ok;
  if (auto ok = before.check(*signer, now_); !ok) return core::fail(errc::unknown_signer, ok.error().message());
  return {};
}

}  // namespace phyllo::identity
