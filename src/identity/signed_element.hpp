// The signed part of a configuration document and who may have signed it. What is signed is bytes, so what is
// parsed is those very bytes, on their own: nothing outside of the signature can find its way into a configuration.
#pragma once

#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/trust.hpp"
#include "security_block.hpp"

namespace phyllo::identity {

// One element, from its first '<' to its last '>', parsed by itself.
class signed_element {
 public:
  [[nodiscard]] static core::result<signed_element> parse(std::string_view bytes);

  [[nodiscard]] pugi::xml_node root() const { return document_->document_element(); }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
  // The exact bytes of a descendant; empty: there is none.
  [[nodiscard]] std::string_view bytes_of(const pugi::xml_node& n) const;
  [[nodiscard]] std::string place(const pugi::xml_node& n) const;

 private:
  std::string bytes_;
  std::unique_ptr<pugi::xml_document> document_;
};

struct signed_document {
  signed_element element;                  // <configuration>
  std::vector<security_block> signatures;  // of the <signature> elements after it

  // The first configuration of an <overlay>, or the one of the name given. malformed_document.
  [[nodiscard]] static core::result<signed_document> find(std::string_view text, std::string_view instance_name);
};

// Finds the certificate that a signature names, asks trust, and verifies.
class signer_check {
 public:
  // malformed_document: the root certificates are none.
  [[nodiscard]] static core::result<signer_check> create(const configuration& c, const std::vector<certificate>& signers,
                                                         core::wall_time now);
  void add(const std::vector<certificate>& more);

  // unknown_signer: no certificate at hand, not trusted, or not one of `allowed`. bad_signature.
  [[nodiscard]] core::status by_any_of(const std::vector<node_id>& allowed, const security_block& block, std::string_view data) const;
  // The certificate that the signature names; null: it is not at hand.
  [[nodiscard]] const certificate* signer_of(const signature& s) const noexcept;
  // unknown_signer: the signer was no configuration-signer of the earlier document, or is not trusted by its anchors.
  [[nodiscard]] core::status was_signer_of(const configuration& earlier, const security_block& block) const;

 private:
  explicit signer_check(core::wall_time now) : now_(now) {}

  std::unique_ptr<trust> trust_;
  std::vector<certificate> certificates_;
  core::wall_time now_;
};

}  // namespace phyllo::identity
