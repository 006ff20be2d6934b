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

class model_issuer final : public issuer {
 public:
  model_issuer(std::string overlay_name, core::wall_time now, std::uint64_t seed)
      : name_(std::move(overlay_name)), registry_(seed), trust_(name_, registry_) {
    configuration_.content = document(name_, now);
  }
  [[nodiscard]] identity::credential issue(const request& r) override { return registry_.issue(r, name_); }
  [[nodiscard]] identity::trust& trust() override { return trust_; }
  [[nodiscard]] const identity::parsed_configuration& configuration() override { return configuration_; }

 private:
  std::string name_;
  model_registry registry_;
  model_trust trust_;
  identity::parsed_configuration configuration_;
};

class real_issuer final : public issuer {
 public:
  real_issuer(std::string overlay_name, core::wall_time now)
      : name_(std::move(overlay_name)), authority_(identity::authority::create("simulated CA", now - 1h)), trust_(name_) {
    identity::node_id id;
    id.octets[15] = 1;
    const auto signer = issue({id, "signer@" + name_, {}, now - 1h, now + 24h * 365});
    auto c = document(name_, now);
    c.root_certificates = {authority_.certificate_der()};
    c.configuration_signers = {id};
    auto parsed = identity::parse_configuration(identity::print(c, signer), {}, now);
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
  [[nodiscard]] const identity::parsed_configuration& configuration() override { return configuration_; }

 private:
  std::string name_;
  identity::authority authority_;
  identity::trust trust_;
  identity::parsed_configuration configuration_;
};

}  // namespace

std::string_view name_of(crypto c) { return c == crypto::model ? "model" : "real"; }

std::unique_ptr<issuer> make_issuer(crypto c, std::string overlay_name, core::wall_time now, std::uint64_t seed) {
  if (c == crypto::model) return std::make_unique<model_issuer>(std::move(overlay_name), now, seed);
  return std::make_unique<real_issuer>(std::move(overlay_name), now);
}

}  // namespace phyllo::sim
