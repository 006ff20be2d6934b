#include "binding.hpp"

namespace phyllo::sip {

overlay::binding binding_key(std::string_view instance, std::uint32_t reg_id, const uri& contact) {
  overlay::location l;
  l.instance = instance;
  l.reg_id = reg_id;
  l.contact = contact.text();
  return overlay::binding_of(l);
}

}  // namespace phyllo::sip
