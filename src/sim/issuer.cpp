#include "phyllo/sim/issuer.hpp"

#include <stdexcept>

#include "model_identity.hpp"

namespace phyllo::sim {
namespace {

using namespace std::chrono_literals;

identity::configuration document(const std::string& overlay_name, core::wall_time now) {
  identity::configuration c;
  c.instance_name = overlay_name;
  c.expiration = now + 24h * 365;
  c.kinds = identity::standard_kinds();
  return c;
}

issuer::request signer_of(const std::string& overlay_name, core::wall_time now) {
  issuer::request r;
  r.node.octets[15] = 1;
  r.user = "signer@" + overlay_name;
  r.not_before = now - 1h;
  r.not_after = now + 24h * 365;
  return r;
}

class model_issuer final : public issuer {
 public:
  model_issuer(std::string overlay_name, core::wall_time now, std::uint64_t seed)
      : name_(std::move(overlay_name)), registry_(seed), trust_(name_, registry_) {
    configuration_.content = document(name_, now);
    signer_ = std::make_unique<identity::credential>(issue(signer_of(name_, now)));
    configuration_.content.configuration_signers = {signer_->certificate.node()};
  }
  [[nodiscard]] identity::credential issue(const request& r) override { return registry_.issue(r, name_); }
  [[nodiscard]] identity::trust& trust() override { return trust_; }
  [[nodiscard]] std::unique_ptr<identity::trust> make_trust() override { return std::make_unique<model_trust>(name_, registry_); }
  [[nodiscard]] const identity::credential& signer() override { return *signer_; }
  [[nodiscard]] const identity::parsed_configuration& configuration() override { return configuration_; }

 private:
  std::string name_;
  model_registry registry_;
  model_trust trust_;
  std::unique_ptr<identity::credential> signer_;
  identity::parsed_configuration configuration_;
};

class real_issuer final : public issuer {
 public:
  real_issuer(std::string overlay_name, core::wall_time now)
      : name_(std::move(overlay_name)), authority_(identity::authority::create("simulated CA", now - 1h)), trust_(name_) {
    signer_ = std::make_unique<identity::credential>(issue(signer_of(name_, now)));
    auto c = document(name_, now);
    c.root_certificates = {authority_.certificate_der()};
    c.configuration_signers = {signer_->certificate.node()};
    auto parsed = identity::parse_configuration(identity::print(c, *signer_), {}, now);
    if (!parsed) throw std::logic_error("our own document: " + parsed.error().message());
    configuration_ = std::move(*parsed);
    if (auto s = trust_.update(configuration_.content.root_certificates, {}); !s) throw std::logic_error(s.error().message());
  }
  [[nodiscard]] identity::credential issue(const request& r) override {
    auto key = identity::private_key::generate();
    auto certificate = authority_.issue({r.node, r.user, name_, r.domains, r.not_before, r.not_after, r.peer}, key.native()).value();
    return {std::move(certificate), std::move(key)};
  }
  [[nodiscard]] identity::trust& trust() override { return trust_; }
  [[nodiscard]] std::unique_ptr<identity::trust> make_trust() override {
    auto t = std::make_unique<identity::trust>(name_);
    if (auto s = t->update(configuration_.content.root_certificates, {}); !s) throw std::logic_error(s.error().message());
    return t;
  }
  [[nodiscard]] const identity::credential& signer() override { return *signer_; }
  [[nodiscard]] const identity::parsed_configuration& configuration() override { return configuration_; }

 private:
  std::string name_;
  identity::authority authority_;
  identity::trust trust_;
  std::unique_ptr<identity::credential> signer_;
  identity::parsed_configuration configuration_;
};

}  // namespace

std::string_view name_of(crypto c) { return c == crypto::model ? "model" : "real"; }

std::unique_ptr<issuer> make_issuer(crypto c, std::string overlay_name, core::wall_time now, std::uint64_t seed) {
  if (c == crypto::model) return std::make_unique<model_issuer>(std::move(overlay_name), now, seed);
  return std::make_unique<real_issuer>(std::move(overlay_name), now);
}

}  // namespace phyllo::sim
