#include "kinds/domain_rule.hpp"

#include <regex.h>

#include <algorithm>

namespace phyllo::overlay {

struct domain_rule::pattern {
  explicit pattern(const std::string& text) { good = regcomp(&compiled, text.c_str(), REG_EXTENDED | REG_ICASE) == 0; }
  ~pattern() {
    if (good) regfree(&compiled);
  }
  pattern(const pattern&) = delete;
  pattern& operator=(const pattern&) = delete;

  // POSIX has the leftmost match, and the longest of those: where one is of the whole text, it is found.
  [[nodiscard]] bool matches(const std::string& text) const {
    regmatch_t found{};
    return good && regexec(&compiled, text.c_str(), 1, &found, 0) == 0 && found.rm_so == 0 &&
           found.rm_eo == static_cast<regoff_t>(text.size());
  }

  regex_t compiled{};
  bool good = false;
};

domain_rule::domain_rule(identity::domain_restrictions r, std::string overlay_name)
    : restrictions_(std::move(r)), overlay_name_(std::move(overlay_name)) {
  for (const auto& p : restrictions_.patterns) patterns_.push_back(std::make_unique<pattern>(p));
}

domain_rule::~domain_rule() = default;

bool domain_rule::admits(std::string_view domain) const {
  if (!restrictions_.enabled) return domain == overlay_name_;
  const std::string text(domain);
  return std::ranges::any_of(patterns_, [&](const auto& p) { return p->matches(text); });
}

bool domain_rule::is(const identity::domain_restrictions& r, std::string_view overlay_name) const {
  return restrictions_ == r && overlay_name_ == overlay_name;
}

const domain_rule& domain_rules::keep(const identity::domain_restrictions& r, std::string_view overlay_name) {
  for (const auto& rule : rules_) {
    if (rule.is(r, overlay_name)) return rule;
  }
  return rules_.emplace_back(r, std::string(overlay_name));
}

}  // namespace phyllo::overlay
