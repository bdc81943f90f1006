# Defines Olm::Olm, the shared library, and Olm::Static. The package may be moved as a whole.
get_filename_component(_olm_libdir "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

# The headers lie in PREFIX/include; between PREFIX and the libraries there may be one folder or two.
find_path(_olm_include olm/olm.h
	PATHS "${_olm_libdir}/../include" "${_olm_libdir}/../../include"
	NO_DEFAULT_PATH NO_CACHE)

foreach(_olm_target IN ITEMS Olm Static)
	if(NOT TARGET Olm::${_olm_target})
		if(_olm_target STREQUAL "Olm")
			add_library(Olm::Olm SHARED IMPORTED)
			set_target_properties(Olm::Olm PROPERTIES
				IMPORTED_LOCATION "${_olm_libdir}/libolm.so.3"
				IMPORTED_SONAME "libolm.so.3")
		else()
			add_library(Olm::Static STATIC IMPORTED)
			set_target_properties(Olm::Static PROPERTIES IMPORTED_LOCATION "${_olm_libdir}/libolm.a")
		endif()
		set_target_properties(Olm::${_olm_target} PROPERTIES
			INTERFACE_INCLUDE_DIRECTORIES "${_olm_include}")
	endif()
endforeach()

unset(_olm_target)
unset(_olm_include)
unset(_olm_libdir)
